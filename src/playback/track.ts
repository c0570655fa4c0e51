import type { PacketBatch } from './packet-batch.ts';
import { PacketQueue } from './packet-queue.ts';

/** What sound goes into, frame by frame. */
export interface Sink {
  /** Makes the next packets ready to go, in place of any that were; while it is closed none are. */
  prepare(packets: readonly Buffer[]): void;
  /** Sends the first that is ready. False: none is any more, or it is closed, and nothing went out. */
  dispatch(): boolean;
  setSpeaking(isSpeaking: boolean): void;
}

/** What becomes of an utterance on its track. */
export interface TrackListener {
  /** Its first packet is out. */
  started(utterance: string): void;
  /** Its packets come slower than they are played; it goes on when more are there. */
  underrun(utterance: string): void;
  /** All `played` packets and the silence after them are out. */
  done(utterance: string, played: number): void;
}

/** 20 ms of nothing in Opus. Where sound stops Discord asks for five, or clients guess on. */
const SILENCE = Buffer.of(0xf8, 0xff, 0xfe);
const SILENCE_AFTER = 5;
/** In front of sound that waited for the connection: the news that Myna speaks goes another way. */
const SILENCE_BEFORE = 2;
/**
 * Packets to wait for after an underrun, or a slow provider would make every single one stumble:
 * twice as many after each, half as many after a line without. While they are more than the least,
 * a line waits for them before it begins; else its first packet is heard at once.
 */
const REFILL = { least: 5, most: 80 };
/** Frames without sound until Myna shows as silent: between two lines nothing flickers. */
const FRAMES_TO_QUIET = 12;

interface Utterance {
  readonly id: string;
  readonly packets: PacketQueue;
  sent: number;
  isEnded: boolean;
  /** Ran dry, or may do so at once, and waits for a refill. */
  isDry: boolean;
}

/**
 * The sound of one guild: at most one utterance, and silence where it stops. A track knows no time;
 * while it is awake its pacer calls `dispatch`, then `prepare`, every 20 ms.
 */
export class Track {
  readonly #sink: Sink;
  readonly #listener: TrackListener;
  #current: Utterance | undefined;
  #silenceLeft = 0;
  #quietFrames = FRAMES_TO_QUIET;
  #refill = REFILL.least;
  #hasRunDry = false;
  /** How many of the next frames the sink was told to have ready. */
  #ready = 0;

  constructor(sink: Sink, listener: TrackListener) {
    this.#sink = sink;
    this.#listener = listener;
  }

  /** Whether the next frame needs a call. */
  get isAwake(): boolean {
    if (this.#hasNext()) return true;
    if (!this.#current) return this.#quietFrames < FRAMES_TO_QUIET;
    return this.#current.sent > 0 && !this.#current.isDry;
  }

  /** Announces an utterance: Myna shows as speaking before its first packet is there. */
  begin(id: string): void {
    this.#ready = 0;
    const isDry = this.#refill > REFILL.least;
    this.#current = { id, packets: new PacketQueue(), sent: 0, isEnded: false, isDry };
    this.#quietFrames = 0;
    this.#sink.setSpeaking(true);
  }

  /** Packets of another utterance than the current one came too late, and are dropped. */
  push(id: string, packets: PacketBatch): void {
    if (this.#current?.id === id) this.#current.packets.push(packets);
  }

  /** No more packets will come. */
  end(id: string): void {
    const current = this.#current;
    if (current?.id !== id) return;
    current.isEnded = true;
    if (isPlayed(current)) this.#closeWithSilence(current);
  }

  /** Forgets the utterance; what follows is silence. */
  cut(): void {
    if (this.#current && this.#current.sent > 0) this.#silenceLeft = SILENCE_AFTER;
    this.#current = undefined;
    this.#ready = 0;
  }

  /** The sink is open (again). */
  reopen(): void {
    this.#ready = 0;
    if (!this.#current) return;
    this.#sink.setSpeaking(true);
    const isWaiting = this.#current.sent === 0 && this.#current.packets.length > 0;
    if (isWaiting) this.#silenceLeft = SILENCE_BEFORE;
  }

  /** Sends the frame that is due, if the sink is open; says whether it did. Nothing is lost if not. */
  dispatch(): boolean {
    if (!this.#hasNext()) this.#pass();
    const isOut = (this.#ready > 0 && this.#sink.dispatch()) || this.#sendNext();
    if (isOut) this.#sent();
    return isOut;
  }

  /** If none is ready, encrypts the next frames: but a system call is left for when they are due. */
  prepare(most: number): void {
    if (this.#ready === 0) this.#makeReady(most);
  }

  /** Encrypts the frame that is due only now. */
  #sendNext(): boolean {
    this.#makeReady(1);
    return this.#ready > 0 && this.#sink.dispatch();
  }

  #makeReady(most: number): void {
    const frames = this.#next(most);
    this.#ready = frames.length;
    if (frames.length > 0) this.#sink.prepare(frames);
  }

  #hasNext(): boolean {
    return this.#ready > 0 || this.#next(1).length > 0;
  }

  #next(most: number): Buffer[] {
    if (this.#silenceLeft > 0) return Array(Math.min(most, this.#silenceLeft)).fill(SILENCE);
    const current = this.#current;
    if (!current) return [];
    const { packets, isDry, isEnded } = current;
    if (isDry && !isEnded && packets.length < this.#refill) return [];
    return packets.first(most);
  }

  /** A frame goes by without sound. */
  #pass(): void {
    const current = this.#current;
    if (!current) {
      this.#quietFrames += 1;
      if (this.#quietFrames === FRAMES_TO_QUIET) this.#sink.setSpeaking(false);
    } else if (current.sent > 0 && !current.isDry) {
      current.isDry = true;
      this.#refill = Math.min(REFILL.most, this.#refill * 2);
      this.#hasRunDry = true;
      this.#silenceLeft = SILENCE_AFTER;
      this.#listener.underrun(current.id);
    }
  }

  #sent(): void {
    const current = this.#current;
    this.#ready -= 1;
    this.#quietFrames = 0;
    if (this.#silenceLeft > 0) {
      this.#silenceLeft -= 1;
      if (this.#silenceLeft === 0 && current && isPlayed(current)) this.#finish(current);
      return;
    }
    if (!current) return;
    current.packets.dropFirst();
    current.sent += 1;
    current.isDry = false;
    if (current.sent === 1) this.#listener.started(current.id);
    if (isPlayed(current)) this.#closeWithSilence(current);
  }

  #closeWithSilence(current: Utterance): void {
    if (current.sent === 0) this.#finish(current);
    else this.#silenceLeft = SILENCE_AFTER;
  }

  #finish({ id, sent }: Utterance): void {
    this.#current = undefined;
    if (!this.#hasRunDry) this.#refill = Math.max(REFILL.least, this.#refill / 2);
    this.#hasRunDry = false;
    this.#listener.done(id, sent);
  }
}

function isPlayed({ isEnded, packets }: Utterance): boolean {
  return isEnded && packets.length === 0;
}
