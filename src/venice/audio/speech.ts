import { VeniceError } from '../errors.ts';
import type { ProviderFormat } from '../models.ts';
import type { Answer } from '../request.ts';
import type { Till } from '../till.ts';
import type { Transport } from '../transport.ts';

export interface SpeakRequest {
  readonly model: string;
  /** A stock voice's id, or one of our handles. */
  readonly voice: string;
  /** 1 to 4096 characters. */
  readonly input: string;
  readonly responseFormat: ProviderFormat;
  /** 0.25 to 4; see `manner.ts` for what acts on which model. */
  readonly speed?: number | undefined;
  /** 0 to 2. */
  readonly temperature?: number | undefined;
  /** In the form the model wants: another is refused. */
  readonly language?: string | undefined;
  /** Sentence by sentence as it is made, or in one piece once all is made. */
  readonly streaming?: boolean | undefined;
}

/** Sound as it arrives; `contentType` names the format. */
export type SpeechBody = Answer;

const PATH = '/audio/speech';
const TRIES = 3;
/** What the provider takes, in UTF-16 units. */
const MAX_INPUT = 4096;

/** `POST /audio/speech`. Resolves with the first sound. @throws VeniceError. */
export async function speak(
  transport: Transport,
  request: SpeakRequest,
  { signal, till }: { signal: AbortSignal; till?: Till },
): Promise<SpeechBody> {
  const { model, voice, input, responseFormat, speed, temperature, language, streaming } = request;
  // Refused here, because each refusal there counts towards a block.
  if (input.trim().length < 1 || input.length > MAX_INPUT)
    throw new VeniceError('rejected', `POST ${PATH} takes 1 to ${MAX_INPUT} characters`);
  const body = {
    model,
    voice,
    input,
    response_format: responseFormat,
    speed,
    temperature,
    language,
    streaming,
  };
  return await transport.send(
    {
      method: 'POST',
      path: PATH,
      body,
      expects: 'sound',
      isAudio: true,
      lane: model,
      model,
      provesKey: true,
      usesHandle: voice.startsWith('vv_'),
      tries: TRIES,
      totalMs: transport.timing.speechMs,
    },
    { signal, ...(till && { till }) },
  );
}
