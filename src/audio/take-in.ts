import type { Problem } from '../domain/errors.ts';
import { type DecodedUpload, decodeUpload } from './decode-upload.ts';
import { levelSample } from './gain.ts';
import type { IntakeJob, IntakeResult } from './intake.ts';
import { frameLevels, levelOf, roughSnr, type Warning } from './measure.ts';
import type { Pcm } from './pcm.ts';
import { type Trimmed, trimSample } from './trim.ts';
import { readSourceFormat, type Undecodable, type Upload } from './upload.ts';
import { writeWav } from './wav.ts';

/** Quieter than this nobody is talking. */
const SILENT_LUFS = -50;
const QUIET_LUFS = -40;
/** A click is no speech. */
const MIN_SPEECH_SECONDS = 0.5;
/** Too little speech is told as silence where that is what most of it was. */
const SILENT_SHARE = 0.8;
/** Runs a second: now and then is heard by few, all the time is what the voice would sound like. */
const CLIPPED_RUNS = 2;
const RUINED_RUNS = 20;
/** How far speech peaks above its loudness: 12 and more as spoken, whatever codec hid the flat tops. */
const CLIPPED_CREST_DB = 9;
const RUINED_CREST_DB = 6;
/** Two microphones of opposite polarity lose this much when they are mixed. */
const CANCELLED_DB = 6;
const NOISY_SNR_DB = 20;
const SHORT_SECONDS = 10;
const TELEPHONE_RATE = 16_000;

/** One upload decoded, measured and cleaned: blocks the thread, and is all that touches its bytes. */
export async function takeIn(
  module: WebAssembly.Module,
  { minSeconds, ...upload }: IntakeJob,
): Promise<IntakeResult> {
  const decoded = await decodeHeard(module, upload);
  if (typeof decoded === 'string') return { kind: 'refused', problem: { code: decoded } };
  const trimmed = trimSample(decoded.pcm, { minSeconds });
  const problem = findProblem(decoded, trimmed, minSeconds);
  if (problem) return { kind: 'refused', problem };
  const { pcm, loudnessLufs, clipRunsPerSecond } = decoded;
  levelSample(trimmed.pcm, loudnessLufs);
  return {
    kind: 'taken',
    wav: writeWav(trimmed.pcm),
    measured: {
      seconds: secondsOf(trimmed.pcm),
      originalSeconds: secondsOf(pcm),
      loudnessLufs,
      clipRunsPerSecond,
      silenceShare: trimmed.silenceShare,
      warnings: findWarnings(decoded, trimmed),
    },
  };
}

interface Heard extends DecodedUpload {
  readonly sourceRate: number;
  /** Its channels cancelled each other out, so that one was taken alone. */
  readonly isOneChannel: boolean;
}

async function decodeHeard(
  module: WebAssembly.Module,
  upload: Upload,
): Promise<Heard | Undecodable> {
  const source = await readSourceFormat(module, upload);
  if (typeof source === 'string') return source;
  const { sampleRate: sourceRate } = source;
  const mixed = await decodeUpload(module, upload, source, 'mixed');
  if (typeof mixed === 'string') return mixed;
  if (mixed.sourceDb - levelOf(mixed.pcm.samples) < CANCELLED_DB)
    return { ...mixed, sourceRate, isOneChannel: false };
  const first = await decodeUpload(module, upload, source, 'first');
  return typeof first === 'string' ? first : { ...first, sourceRate, isOneChannel: true };
}

function findProblem(
  { loudnessLufs, peakDb, clipRunsPerSecond }: Heard,
  { pcm, speechSeconds, silenceShare }: Trimmed,
  minSeconds: number,
): Problem | undefined {
  if (loudnessLufs < SILENT_LUFS || speechSeconds < MIN_SPEECH_SECONDS)
    return { code: 'E_AUDIO_SILENT' };
  if (clipRunsPerSecond > RUINED_RUNS || peakDb - loudnessLufs < RUINED_CREST_DB)
    return { code: 'E_AUDIO_CLIPPED' };
  const seconds = secondsOf(pcm);
  if (seconds >= minSeconds) return undefined;
  if (silenceShare > SILENT_SHARE) return { code: 'E_AUDIO_SILENT' };
  // Rounded down: 5.0 seconds found where 5 are needed would puzzle.
  return { code: 'E_AUDIO_SHORT', seconds: Math.floor(seconds * 10) / 10, minSeconds };
}

function findWarnings(decoded: Heard, trimmed: Trimmed): readonly Warning[] {
  const { silenceShare } = trimmed;
  const crestDb = decoded.peakDb - decoded.loudnessLufs;
  const found: Readonly<Record<Warning, boolean>> = {
    short: secondsOf(trimmed.pcm) < SHORT_SECONDS,
    quiet: decoded.loudnessLufs < QUIET_LUFS,
    noisy: silenceShare < SILENT_SHARE && roughSnr(frameLevels(decoded.pcm)) < NOISY_SNR_DB,
    clipped: decoded.clipRunsPerSecond > CLIPPED_RUNS || crestDb < CLIPPED_CREST_DB,
    trimmed: trimmed.wasLong,
    silences: trimmed.hadLongSilences,
    telephone: decoded.sourceRate < TELEPHONE_RATE,
    phase: decoded.isOneChannel,
  };
  return (Object.keys(found) as Warning[]).filter((warning) => found[warning]);
}

function secondsOf({ sampleRate, samples }: Pcm): number {
  return samples.length / sampleRate;
}
