/** A side is silent that stays so far below the other: 30 dB. */
const SILENT = 1 / 32;

/**
 * Makes one channel of two, piece by piece: the first, as long as it is not silent beside the other.
 * A mix of both could cancel itself out. How the sound is cut into pieces makes no difference.
 * @returns takes the samples of one channel or of two, and may write into them.
 */
export function createSidePicker(): (sides: readonly Int16Array[]) => Int16Array {
  let peak = 0;
  let otherPeak = 0;

  return ([side = new Int16Array(), other]) => {
    if (!other) return side;
    for (let index = 0; index < side.length; index += 1) {
      const [here = 0, there = 0] = [side[index], other[index]];
      peak = Math.max(peak, Math.abs(here));
      otherPeak = Math.max(otherPeak, Math.abs(there));
      if (peak < otherPeak * SILENT) side[index] = there;
    }
    return side;
  };
}

/** The samples of each channel, which take turns. */
export function splitSides(samples: Int16Array, channels: number): readonly Int16Array[] {
  if (channels === 1) return [samples];
  return Array.from({ length: channels }, (_, channel) =>
    samples.filter((_, index) => index % channels === channel),
  );
}
