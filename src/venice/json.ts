import type { z } from 'zod';
import { VeniceError } from './errors.ts';
import type { Answer } from './request.ts';
import type { Transport } from './transport.ts';

/** Larger than any answer that is ours. */
const MAX_BYTES = 4 * 1024 * 1024;
const TRIES = 3;

/** Asks for something that costs nothing. @throws VeniceError. */
export async function getJson<T extends z.ZodType>(
  transport: Transport,
  { path, schema, provesKey }: { path: string; schema: T; provesKey: boolean },
  { signal }: { signal: AbortSignal },
): Promise<z.output<T>> {
  const { askMs: totalMs } = transport.timing;
  const answer = await transport.send(
    {
      method: 'GET',
      path,
      expects: 'json',
      isAudio: false,
      lane: 'questions',
      provesKey,
      tries: TRIES,
      totalMs,
    },
    { signal },
  );
  return await readJson(answer, schema, { isSpent: false });
}

/** @throws VeniceError 'bad-answer', without a cause: that could quote the answer. */
export async function readJson<T extends z.ZodType>(
  { chunks }: Answer,
  schema: T,
  { isSpent }: { isSpent: boolean },
): Promise<z.output<T>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) break;
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(parts).toString()));
  if (parsed.success) return parsed.data;
  throw new VeniceError('bad-answer', 'The provider answered in a form not known here', {
    status: 200,
    isSpent,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
