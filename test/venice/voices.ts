import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { refuse, sendJson } from './answers.ts';
import type { StandInModel } from './models.ts';
import type { VeniceRequest } from './requests.ts';
import type { VeniceRule } from './rules.ts';

const DAY_MS = 86_400_000;

export interface Handle {
  readonly id: string;
  readonly model: string;
  expiresAt: number;
}

/** `POST /audio/voices`: a sample becomes a handle, for a while. */
export function createVoices({
  models,
  now,
  broken,
}: {
  models: readonly StandInModel[];
  now: () => number;
  broken: (rule: VeniceRule, how: string) => void;
}) {
  const handles = new Map<string, Handle>();

  return {
    handles,

    /** Every successful speech call of a `persistent` model counts the days anew. */
    used(handle: Handle | undefined, model: StandInModel): void {
      if (handle && model.cloning?.mode === 'persistent') handle.expiresAt = now() + 7 * DAY_MS;
    },

    create({ upload }: VeniceRequest, response: ServerResponse): void {
      if (!upload) return refuse(response, 415, 'Expected multipart/form-data with model and file');
      const model = models.find(({ id }) => id === upload.model);
      if (!model) return refuse(response, 404, 'Unknown model');
      if (!model.cloning)
        return refuse(response, 400, `Model ${upload.model} does not support voice cloning`);
      const container = sniff(upload.bytes);
      const { filename, contentType } = upload;
      if (!container || !TYPES[container].has(`${filename.split('.').at(-1)} ${contentType}`))
        broken('venice sample', `${container} is sent as ${filename}, ${contentType}`);
      if (!container || !model.cloning.accepted_formats.includes(container))
        return refuse(response, 400, {
          error: 'Invalid request parameters',
          details: {
            file: `Unsupported container, accepted: ${model.cloning.accepted_formats.join(', ')}`,
          },
        });
      if (container === 'wav' && wavSeconds(upload.bytes) < model.cloning.min_sample_seconds)
        return refuse(
          response,
          400,
          `Sample is shorter than ${model.cloning.min_sample_seconds} seconds`,
        );
      const id = `vv_${randomBytes(12).toString('hex')}`;
      const expiresAt = now() + model.cloning.retention_days * DAY_MS;
      handles.set(id, { id, model: model.id, expiresAt });
      return sendJson(response, { id, model: model.id });
    },
  };
}

/** How a file of each container is named and announced. */
const TYPES = {
  wav: new Set(['wav audio/wav', 'wav audio/x-wav']),
  flac: new Set(['flac audio/flac', 'flac audio/x-flac']),
  mp3: new Set(['mp3 audio/mpeg']),
  mp4: new Set(['m4a audio/mp4', 'mp4 audio/mp4', 'm4a audio/x-m4a']),
} as const;

function sniff(bytes: Uint8Array): keyof typeof TYPES | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('RIFF') && head.endsWith('WAVE')) return 'wav';
  if (head.startsWith('fLaC')) return 'flac';
  if (head.startsWith('ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0))
    return 'mp3';
  return head.slice(4, 8) === 'ftyp' ? 'mp4' : undefined;
}

function wavSeconds(bytes: Uint8Array): number {
  const wav = Buffer.from(bytes);
  return (wav.byteLength - 44) / wav.readUInt32LE(28);
}
