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
  const powerOf = weighting(shelfOf(sampleRate), highPassOf(sampleRate));
  /** What is there of the next step. */
  const step = new Int16Array((sampleRate * STEP_MS) / 1000);
  const steps: number[] = [];
  let filled = 0;

  return {
    add(samples) {
      for (let from = 0; from < samples.length; ) {
        const taken = samples.subarray(from, from + step.length - filled);
        step.set(taken, filled);
        filled += taken.length;
        from += taken.length;
        if (filled < step.length) return;
        steps.push(powerOf(step));
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

/**
 * The power of stretches that follow each other, behind both filters. In one loop without calls, since
 * all that is heard passes through it: sample by sample cost five times as much.
 */
function weighting(
  [b0, b1, b2, a1, a2]: Coefficients,
  [c0, c1, c2, d1, d2]: Coefficients,
): (samples: Int16Array) => number {
  const memory = new Float64Array(4);
  return (samples) => {
    let [y1 = 0, y2 = 0, z1 = 0, z2 = 0] = memory;
    let sum = 0;
    for (let index = 0; index < samples.length; index += 1) {
      const input = (samples[index] ?? 0) / 32_768;
      const between = b0 * input + y1;
      y1 = b1 * input + y2 - a1 * between;
      y2 = b2 * input - a2 * between;
      const output = c0 * between + z1;
      z1 = c1 * between + z2 - d1 * output;
      z2 = c2 * between - d2 * output;
      sum += output * output;
    }
    memory.set([y1, y2, z1, z2]);
    return sum / samples.length;
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
