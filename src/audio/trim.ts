import { FRAMES_A_SECOND, frameLevels, speechThreshold } from './measure.ts';
import type { Pcm } from './pcm.ts';

/** What stays of the quiet before the first word and after the last. */
const EDGE_FRAMES = 8;
/** Pauses longer than this are cut to their half second: they teach the voice nothing. */
const LONG_PAUSE_FRAMES = 75;
const KEPT_PAUSE_FRAMES = 25;
/** The best part of a long recording; more does not make a better voice. */
const MAX_SECONDS = 60;

export interface Trimmed {
  readonly pcm: Pcm;
  readonly speechSeconds: number;
  readonly silenceShare: number;
  readonly hadLongSilences: boolean;
  readonly wasLong: boolean;
}

/**
 * Cuts silence off both ends and out of long pauses, and takes the minute with the most speech.
 * @param minSeconds a recording that would fall short of it keeps half a second at its ends.
 */
export function trimSample(pcm: Pcm, { minSeconds }: { minSeconds: number }): Trimmed {
  const levels = frameLevels(pcm);
  const threshold = speechThreshold(levels);
  const isSpeech = Array.from(levels, (level) => level > threshold);
  const stretches = findStretches(isSpeech);
  const tight = keptFrames(stretches, EDGE_FRAMES);
  const isShort = tight.length < minSeconds * FRAMES_A_SECOND;
  const kept = isShort ? keptFrames(stretches, KEPT_PAUSE_FRAMES) : tight;
  const best = bestMinute(kept, isSpeech);
  return {
    pcm: { sampleRate: pcm.sampleRate, samples: cut(pcm, best) },
    speechSeconds: best.filter((frame) => isSpeech[frame]).length / FRAMES_A_SECOND,
    silenceShare: 1 - isSpeech.filter(Boolean).length / Math.max(1, levels.length),
    hadLongSilences: kept.length < levels.length * 0.8,
    wasLong: best.length < kept.length,
  };
}

/** Frames in a row that are all speech, or all not. */
interface Stretch {
  readonly isSpeech: boolean;
  readonly start: number;
  readonly end: number;
}

function findStretches(isSpeech: readonly boolean[]): readonly Stretch[] {
  const changes = isSpeech.flatMap((value, frame) =>
    frame === 0 || value !== isSpeech[frame - 1] ? [frame] : [],
  );
  return changes.map((start, index) => ({
    isSpeech: isSpeech[start] ?? false,
    start,
    end: changes[index + 1] ?? isSpeech.length,
  }));
}

/** The frames that are kept: speech, and of each stretch without it no more than sounds natural. */
function keptFrames(stretches: readonly Stretch[], edgeFrames: number): readonly number[] {
  if (!stretches.some(({ isSpeech }) => isSpeech)) return [];
  return stretches.flatMap(({ isSpeech, start, end }, index) => {
    if (isSpeech) return range(start, end);
    if (index === 0) return range(Math.max(start, end - edgeFrames), end);
    if (index === stretches.length - 1) return range(start, Math.min(end, start + edgeFrames));
    if (end - start <= LONG_PAUSE_FRAMES) return range(start, end);
    const half = KEPT_PAUSE_FRAMES >> 1;
    return [...range(start, start + KEPT_PAUSE_FRAMES - half), ...range(end - half, end)];
  });
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function bestMinute(kept: readonly number[], isSpeech: readonly boolean[]): readonly number[] {
  const length = MAX_SECONDS * FRAMES_A_SECOND;
  if (kept.length <= length) return kept;
  let speech = kept.slice(0, length).filter((frame) => isSpeech[frame]).length;
  let best = { speech, start: 0 };
  for (let start = 1; start + length <= kept.length; start += 1) {
    speech -= isSpeech[kept[start - 1] ?? 0] ? 1 : 0;
    speech += isSpeech[kept[start + length - 1] ?? 0] ? 1 : 0;
    if (speech > best.speech) best = { speech, start };
  }
  return kept.slice(best.start, best.start + length);
}

function cut({ sampleRate, samples }: Pcm, frames: readonly number[]): Int16Array {
  const size = sampleRate / FRAMES_A_SECOND;
  const output = new Int16Array(frames.length * size);
  for (const [index, frame] of frames.entries())
    output.set(samples.subarray(frame * size, (frame + 1) * size), index * size);
  return output;
}
