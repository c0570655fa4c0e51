import { openMp3 } from './mp3.ts';
import { openSound } from './open-speech.ts';
import { encodeOpus } from './opus-encoder.ts';

/** One frame of silence: MPEG-1 layer III, 128 kbit/s at 44.1 kHz. */
const SILENT_FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)]);
const FRAMES = 8;
/** Four packets of silence. */
const SILENT_OGG = Buffer.from(
  'T2dnUwACAAAAAAAAAAAHAAAAAAAAAMB9QfwBE09wdXNIZWFkAQE4AcBdAAAAAABPZ2dTAAAAAAAAAAAAAAcAAAABAAAAGMARqAEQT3B1c1RhZ3MAAAAAAAAAAE9nZ1MABAAPAAAAAAAABwAAAAIAAACDWXoRBAMDAwP4//74//74//74//4=',
  'base64',
);

/**
 * Loads the decoder and the encoder of live speech and runs each once, and the reader of Opus, so
 * that the first line is as quick as the next: some 20 ms of work at start.
 */
export async function primeSpeech(): Promise<void> {
  const mp3 = Buffer.concat(Array.from({ length: FRAMES }, () => SILENT_FRAME));
  const { chunks } = await openMp3(alone(mp3));
  await Array.fromAsync(encodeOpus({ sampleRate: 24_000, chunks }));
  const sound = await openSound(alone(SILENT_OGG), 'audio/ogg');
  if (sound.kind === 'opus') await Array.fromAsync(sound.packets);
}

async function* alone(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
