import { createHash } from 'node:crypto';
import loadEspeak from '@echogarden/espeak-ng-emscripten';

export const SAMPLE_RATE = 24_000;

/** Intelligible speech of a text: mono 16-bit at 24 kHz. */
export interface Synthesis {
  /** Each voice has a pitch of its own, so that voices can be told apart. */
  speak(text: string, options?: { voice?: string; speed?: number | undefined }): Int16Array;
}

let loaded: Promise<Synthesis> | undefined;

/** One for all, which also remembers what it has spoken: tests often say the same. */
export function loadSynthesis(): Promise<Synthesis> {
  loaded ??= createSynthesis();
  return loaded;
}

async function createSynthesis(): Promise<Synthesis> {
  const { eSpeakNGWorker } = await loadEspeak();
  const speaker = new eSpeakNGWorker();
  const spoken = new Map<string, Int16Array>();

  return {
    speak(text, { voice = 'af_sky', speed = 1 } = {}) {
      const key = JSON.stringify([text, voice, speed]);
      const known = spoken.get(key);
      if (known) return known;
      speaker.set_voice('en-us');
      speaker.set_rate(Math.round(170 * speed));
      speaker.set_pitch(pitchOf(voice));
      const parts: Int16Array[] = [];
      speaker.synthesize(text, (samples) => {
        if (samples) parts.push(samples.slice());
        return false;
      });
      const samples = toSampleRate(joinSamples(parts), speaker.get_samplerate());
      spoken.set(key, samples);
      return samples;
    },
  };
}

export function joinSamples(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function pitchOf(voice: string): number {
  return 30 + ((createHash('sha256').update(voice).digest()[0] ?? 0) % 60);
}

function toSampleRate(samples: Int16Array, rate: number): Int16Array {
  const length = Math.floor((samples.length * SAMPLE_RATE) / rate);
  return Int16Array.from({ length }, (_, index) => {
    const position = (index * rate) / SAMPLE_RATE;
    const left = Math.floor(position);
    const [a = 0, b = 0] = [samples[left], samples[left + 1]];
    return a + (b - a) * (position - left);
  });
}
