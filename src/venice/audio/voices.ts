import { FormData } from 'undici';
import { z } from 'zod';
import { readJson } from '../json.ts';
import type { Till } from '../till.ts';
import type { Transport } from '../transport.ts';

export interface CloneVoiceRequest {
  readonly model: string;
  /** Mono 16-bit, without metadata. */
  readonly wav: Uint8Array;
}

/** A handle, `vv_…`, and the only model it works with. */
export interface ClonedVoice {
  readonly id: string;
  readonly model: string;
}

/** Only what certainly made nothing is tried again: each clone costs a fee. */
const TRIES = 2;

/** `POST /audio/voices`. @throws VeniceError. */
export async function cloneVoice(
  transport: Transport,
  { model, wav }: CloneVoiceRequest,
  { signal, till }: { signal: AbortSignal; till?: Till },
): Promise<ClonedVoice> {
  const body = new FormData();
  body.set('model', model);
  body.set('file', new File([new Uint8Array(wav)], 'sample.wav', { type: 'audio/wav' }));
  const answer = await transport.send(
    {
      method: 'POST',
      path: '/audio/voices',
      body,
      expects: 'json',
      isAudio: true,
      lane: 'uploads',
      model,
      provesKey: true,
      tries: TRIES,
      repeatsSpent: false,
      totalMs: transport.timing.cloneMs,
    },
    { signal, ...(till && { till }) },
  );
  return await readJson(answer, clonedVoice, { isSpent: true });
}

const clonedVoice = z.object({ id: z.string().regex(/^vv_[\w-]{1,509}$/), model: z.string() });
