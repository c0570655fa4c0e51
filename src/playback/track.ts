import type { PacedTrack, Pacer } from './pacer.ts';

/** Where packets go: a voice connection. */
export interface PacketSink {
  isReady(): boolean;
  prepare(packet: Uint8Array): void;
  dispatch(): void;
  setSpeaking(isSpeaking: boolean): void;
}

/** The packets of one guild's utterances, one utterance at a time, on their way to the ear. */
export interface Track {
  /** Packets may come before the connection is ready; they wait for it. */
  push(utterance: string, packets: readonly Uint8Array[]): void;
  end(utterance: string): void;
  cut(utterance: string): void;
  connected(): void;
  close(): void;
}

/** What Discord asks for after speech, so that a listener's decoder does not guess on. */
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);
const SILENCE_FRAMES = 5;
/** Sound in hand before an utterance starts while more is coming: 60 ms. */
const FIRST_BUFFER = 3;
const MOST_BUFFER = 50;

export function createTrack(options: {
  sink: PacketSink;
  pacer: Pacer;
  onStarted: (utterance: string, at: number) => void;
  onDone: (utterance: string, counts: { packets: number; underruns: number }) => void;
}): Track {
  const { sink, pacer, onStarted, onDone } = options;
  let utterance: string | undefined;
  let waiting: Uint8Array[] = [];
  let isEnded = false;
  let hasStarted = false;
  let isSpeechNext = false;
  let sent = 0;
  let underruns = 0;
  let buffer = FIRST_BUFFER;
  let silenceLeft = 0;
  let isRunning = false;

  const paced: PacedTrack = {
    dispatch() {
      sink.dispatch();
      if (hasStarted || !isSpeechNext || utterance === undefined) return;
      hasStarted = true;
      onStarted(utterance, performance.timeOrigin + performance.now());
    },

    prepare() {
      const packet = waiting.shift();
      isSpeechNext = packet !== undefined;
      if (packet) {
        sink.prepare(packet);
        sent += 1;
        silenceLeft = SILENCE_FRAMES;
        return true;
      }
      if (silenceLeft > 0) {
        if (silenceLeft === SILENCE_FRAMES && !isEnded) underrun();
        silenceLeft -= 1;
        sink.prepare(SILENCE);
        return true;
      }
      isRunning = false;
      if (isEnded) finish();
      return false;
    },
  };

  /** Not the end: the sound is late. It goes on when more of it is in hand than the last time. */
  function underrun(): void {
    underruns += 1;
    buffer = Math.min(buffer * 2, MOST_BUFFER);
  }

  function begin(id: string): void {
    if (utterance === id) return;
    utterance = id;
    waiting = [];
    isEnded = false;
    hasStarted = false;
    sent = 0;
    underruns = 0;
    buffer = FIRST_BUFFER;
  }

  function run(): void {
    const isEnough = isEnded || waiting.length >= buffer;
    if (isRunning || !isEnough || !sink.isReady()) return;
    isRunning = true;
    silenceLeft = SILENCE_FRAMES;
    sink.setSpeaking(true);
    pacer.start(paced);
  }

  function finish(): void {
    sink.setSpeaking(false);
    const id = utterance;
    utterance = undefined;
    if (id !== undefined) onDone(id, { packets: sent, underruns });
  }

  return {
    push(id, packets) {
      begin(id);
      waiting.push(...packets);
      run();
    },
    end(id) {
      begin(id);
      isEnded = true;
      run();
    },
    cut(id) {
      if (utterance !== id) return;
      waiting = [];
      isEnded = true;
      run();
    },
    connected: run,
    close() {
      pacer.stop(paced);
      waiting = [];
      utterance = undefined;
    },
  };
}
