import type { ServerResponse } from 'node:http';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { writeWav } from '../../src/audio/wav.ts';
import { breakOff } from './break-off.ts';
import type { Fault } from './faults.ts';
import type { StandInModel } from './models.ts';
import type { VeniceRequest } from './requests.ts';
import { type Converter, ENCODINGS } from './sound.ts';
import { joinSamples, SAMPLE_RATE, type Synthesis } from './synthesis.ts';

/** How long its work takes, in milliseconds. */
export interface Delays {
  /** Before the first byte. */
  readonly firstByteMs?: number;
  /** The same where the answer is streamed. @default as long as any first byte */
  readonly streamedFirstByteMs?: number;
  /** On top for each character: before the first byte, or for each sentence of a stream before the next. */
  readonly perCharacterMs?: number;
  /** Between chunks. */
  readonly chunkMs?: number;
}

export interface SpeechOptions {
  /** Whether it heeds `streaming`, as some models do. @default true */
  readonly streams?: boolean;
  readonly chunkBytes?: number;
  /** What the length fields of a WAV say, or a file for each sentence. @default 'right' */
  readonly wavLength?: 'right' | 'zero' | 'endless' | 'each';
}

/** The answer of `POST /audio/speech`, to a request that is right. */
export type Speak = (
  record: VeniceRequest,
  response: ServerResponse,
  how: { model: StandInModel; fault: Fault | undefined; delays: Delays },
) => Promise<void>;

export function createSpeak(
  { synthesis, converter }: { synthesis: Synthesis; converter: Converter },
  { chunkBytes = 8192, wavLength = 'right', streams = true }: SpeechOptions,
): Speak {
  return async (record, response, { model, fault, delays }) => {
    const { json = {} } = record;
    const voice = String(json['voice'] ?? 'af_sky');
    const input = String(json['input']);
    const format = String(
      json['response_format'] ?? (model.formats.includes('mp3') ? 'mp3' : model.formats[0]),
    );
    const isStreaming = streams && json['streaming'] === true;
    const sentences = isStreaming ? (input.match(/[^.!?]+[.!?]*\s*/g) ?? [input]) : [input];
    const speed = json['speed'] as number | undefined;
    const spoken = sentences.map((sentence) => synthesis.speak(sentence, { voice, speed }));
    const parts = fault?.kind === 'silence' ? spoken.map((part) => part.map(() => 0)) : spoken;
    const samples = joinSamples(parts);
    record.pcm = samples;
    // Opus comes as it does where each sentence is made alone: as streams strung together.
    const isEach = format === 'opus' || (format === 'wav' && wavLength === 'each');
    const { type, bytes } = await encode(isEach ? parts : [samples], format);
    record.sent = bytes;
    const { firstByteMs = 0, streamedFirstByteMs = firstByteMs, perCharacterMs = 0 } = delays;
    await pause(isStreaming ? streamedFirstByteMs : firstByteMs + perCharacterMs * input.length);
    response.writeHead(200, { 'content-type': type });
    let made = 0;
    for (const [index, part] of parts.entries()) {
      if (index > 0) await pause(perCharacterMs * (sentences[index - 1]?.length ?? 0));
      const from = made;
      made = index === parts.length - 1 ? bytes.byteLength : made + shareOf(part, samples, bytes);
      const stretch = { bytes, from, to: made };
      if (!(await send(record, response, { fault, delays, stretch }))) return;
    }
    response.end();
  };

  /** Sends a stretch of the answer in chunks. False: it breaks off here. */
  async function send(
    record: VeniceRequest,
    response: ServerResponse,
    {
      fault,
      delays,
      stretch: { bytes, from, to },
    }: {
      fault: Fault | undefined;
      delays: Delays;
      stretch: { bytes: Uint8Array; from: number; to: number };
    },
  ): Promise<boolean> {
    for (let offset = from; offset < to; offset += chunkBytes) {
      if (response.destroyed) return false;
      const end = Math.min(to, offset + chunkBytes);
      if (await breakOff(fault, response, { bytes, from: offset, to: end })) return false;
      record.firstByteAt ??= performance.timeOrigin + performance.now();
      response.write(bytes.subarray(offset, end));
      await pause(delays.chunkMs ?? 0);
    }
    return true;
  }

  async function encode(
    parts: readonly Int16Array[],
    format: string,
  ): Promise<{ type: string; bytes: Uint8Array }> {
    const encoding = ENCODINGS[format];
    if (encoding) {
      const files: Uint8Array[] = [];
      for (const samples of parts)
        files.push(await converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, encoding.args));
      return { type: encoding.type, bytes: Buffer.concat(files) };
    }
    const wavs = parts.map((samples) =>
      Buffer.from(writeWav({ sampleRate: SAMPLE_RATE, samples })),
    );
    if (format === 'pcm')
      return { type: 'audio/pcm', bytes: Buffer.concat(wavs.map((wav) => wav.subarray(44))) };
    const length = { right: undefined, each: undefined, zero: 0, endless: 0xffff_ffff }[wavLength];
    if (length !== undefined)
      for (const wav of wavs) {
        wav.writeUInt32LE(length, 4);
        wav.writeUInt32LE(length, 40);
      }
    return { type: 'audio/wav', bytes: Buffer.concat(wavs) };
  }
}

/** How many bytes of the answer are one sentence's, by how long it is. */
function shareOf(part: Int16Array, all: Int16Array, bytes: Uint8Array): number {
  return Math.floor((bytes.byteLength * part.length) / Math.max(1, all.length)) & ~1;
}

/** At the least a turn of the loop: whoever else lives on it comes in between. */
function pause(ms: number): Promise<void> {
  return ms > 0 ? sleep(ms) : turn();
}
