import { frameLevels, speechThreshold } from './measure.ts';
import type { Pcm } from './pcm.ts';

const FRAMES_A_SECOND = 50;
/** What stays of the quiet before, after and between words. */
const PADDING_FRAMES = 8;
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

/** Cuts silence off both ends and out of long pauses, and takes the minute with the most speech. */
export function trimSample(pcm: Pcm): Trimmed {
  const levels = frameLevels(pcm);
  const threshold = speechThreshold(levels);
  const isSpeech = Array.from(levels, (level) => level > threshold);
  const kept = keptFrames(isSpeech);
  const best = bestMinute(kept, isSpeech);
  const speech = best.filter((frame) => isSpeech[frame]).length;
  return {
    pcm: { sampleRate: pcm.sampleRate, samples: cut(pcm, best) },
    speechSeconds: speech / FRAMES_A_SECOND,
    silenceShare: 1 - isSpeech.filter(Boolean).length / Math.max(1, levels.length),
    hadLongSilences: kept.length < levels.length * 0.8,
    wasLong: best.length < kept.length,
  };
}

/** The frames that are kept: speech, and of each stretch without it no more than sounds natural. */
function keptFrames(isSpeech: readonly boolean[]): readonly number[] {
  const first = isSpeech.indexOf(true);
  const last = isSpeech.lastIndexOf(true);
  if (first === -1) return [];
  const kept: number[] = [];
  const from = Math.max(0, first - PADDING_FRAMES);
  const to = Math.min(isSpeech.length - 1, last + PADDING_FRAMES);
  let quiet = 0;
  for (let frame = from; frame <= to; frame += 1) {
    quiet = isSpeech[frame] ? 0 : quiet + 1;
    if (quiet > KEPT_PAUSE_FRAMES && pauseLength(isSpeech, frame) > LONG_PAUSE_FRAMES) continue;
    kept.push(frame);
  }
  return kept;
}

/** How long the stretch without speech around a frame is. */
function pauseLength(isSpeech: readonly boolean[], frame: number): number {
  const next = isSpeech.indexOf(true, frame);
  const before = isSpeech.lastIndexOf(true, frame);
  return (next === -1 ? isSpeech.length : next) - before;
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
