/** How loud a sound is as a whole, found while it passes (ITU-R BS.1770-4, one channel). */
export interface LoudnessMeter {
  add(samples: Int16Array): void;
  /** In LUFS; undefined for less than 400 ms, and for silence. */
  read(): number | undefined;
}

/** Blocks of 400 ms, each 100 ms after the one before. */
const STEP_MS = 100;
const STEPS_A_BLOCK = 4;
/** Quieter blocks are silence; blocks this much below the rest are pauses. */
const SILENCE_LUFS = -70;
const PAUSE_LU = 10;

export function createLoudnessMeter(sampleRate: number): LoudnessMeter {
  const [shelf, highPass] = [biquad(shelfOf(sampleRate)), biquad(highPassOf(sampleRate))];
  const stepLength = (sampleRate * STEP_MS) / 1000;
  const steps: number[] = [];
  let energy = 0;
  let filled = 0;

  return {
    add(samples) {
      for (const sample of samples) {
        energy += highPass(shelf(sample / 32_768)) ** 2;
        filled += 1;
        if (filled < stepLength) continue;
        steps.push(energy / stepLength);
        energy = 0;
        filled = 0;
      }
    },

    read() {
      const blocks = steps
        .slice(STEPS_A_BLOCK - 1)
        .map((_, index) => mean(steps.slice(index, index + STEPS_A_BLOCK)));
      const heard = blocks.filter((block) => lufsOf(block) > SILENCE_LUFS);
      const threshold = lufsOf(mean(heard)) - PAUSE_LU;
      const loudness = lufsOf(mean(heard.filter((block) => lufsOf(block) > threshold)));
      return Number.isFinite(loudness) ? loudness : undefined;
    },
  };
}

function lufsOf(energy: number): number {
  return -0.691 + 10 * Math.log10(energy);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** b0, b1, b2, a1, a2. */
type Coefficients = readonly [number, number, number, number, number];

function biquad([b0, b1, b2, a1, a2]: Coefficients): (input: number) => number {
  let [z1, z2] = [0, 0];
  return (input) => {
    const output = b0 * input + z1;
    z1 = b1 * input - a1 * output + z2;
    z2 = b2 * input - a2 * output;
    return output;
  };
}

/** The head's effect; the standard gives coefficients for 48 kHz, these are its analogue values. */
function shelfOf(sampleRate: number): Coefficients {
  const k = Math.tan((Math.PI * 1681.974_450_955_533) / sampleRate);
  const q = 0.707_175_236_955_419_6;
  const high = 10 ** (3.999_843_853_973_347 / 20);
  const band = high ** 0.499_666_774_154_541_6;
  const a0 = 1 + k / q + k * k;
  return [
    (high + (band * k) / q + k * k) / a0,
    (2 * (k * k - high)) / a0,
    (high - (band * k) / q + k * k) / a0,
    (2 * (k * k - 1)) / a0,
    (1 - k / q + k * k) / a0,
  ];
}

function highPassOf(sampleRate: number): Coefficients {
  const k = Math.tan((Math.PI * 38.135_470_876_024_44) / sampleRate);
  const q = 0.500_327_037_323_877_3;
  const a0 = 1 + k / q + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}
