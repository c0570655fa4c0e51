import { createRequire } from 'node:module';
import { Decoder } from '@evan/opus';
import { joinSamples } from '../../venice/synthesis.ts';
import type { ExternalSender } from './dave.ts';
import type { RtpPacket } from './rtp.ts';
import { isEncrypted, SILENCE } from './rules.ts';

const { DAVESession, MediaType } = createRequire(import.meta.url)('@snazzah/davey') as {
  DAVESession: new (version: number, userId: string, channelId: string) => DaveSession;
  MediaType: { AUDIO: number };
};

interface DaveSession {
  readonly ready: boolean;
  setExternalSender(sender: Buffer): void;
  processProposals(operation: number, proposals: Buffer): unknown;
  processCommit(commit: Buffer): void;
  getSerializedKeyPackage(): Buffer;
  processWelcome(welcome: Buffer): void;
  decrypt(userId: string, media: number, packet: Buffer): Buffer;
}

/** A packet as a member's client gets it. */
export interface HeardPacket {
  readonly sequence: number;
  readonly timestamp: number;
  /** On the clock of `performance.timeOrigin + performance.now()`. */
  readonly at: number;
  readonly opus: Buffer;
  readonly isSilence: boolean;
  readonly wasEncrypted: boolean;
}

/** Proposals are added to those there are. */
const APPEND = 0;

/** A member in a voice channel who hears what the bot says, and takes notes. */
export class Listener {
  readonly userId: string;
  readonly channelId: string;
  readonly packets: HeardPacket[] = [];
  /** Packets that this member's client could not understand. */
  undecodable = 0;
  readonly #sender: ExternalSender;
  #session: DaveSession | undefined;
  #isMember = false;
  readonly #waiting = new Set<() => void>();

  constructor(member: { userId: string; channelId: string }, sender: ExternalSender) {
    this.userId = member.userId;
    this.channelId = member.channelId;
    this.#sender = sender;
  }

  /** Starts over with a new group of keys. @returns the key package to be added with. */
  newGroup(): Buffer {
    this.#session = new DAVESession(1, this.userId, this.channelId);
    this.#session.setExternalSender(this.#sender.package());
    this.#isMember = false;
    return this.#session.getSerializedKeyPackage();
  }

  /** As a member already: others are to be added. */
  proposed(proposals: Buffer): void {
    if (this.#isMember) this.#session?.processProposals(APPEND, proposals);
  }

  committed(commit: Buffer, welcome: Buffer): void {
    if (this.#isMember) this.#session?.processCommit(commit);
    else this.#session?.processWelcome(welcome);
    this.#isMember = true;
    this.#look();
  }

  /** Whether this member has the keys of the call. */
  get hasKeys(): boolean {
    return this.#isMember && (this.#session?.ready ?? false);
  }

  hear(speakerId: string, { sequence, timestamp, payload }: RtpPacket, at: number): void {
    const isSilence = payload.equals(SILENCE);
    const wasEncrypted = isEncrypted(payload);
    try {
      const opus = wasEncrypted ? this.#decrypt(speakerId, payload) : payload;
      this.packets.push({ sequence, timestamp, at, opus, isSilence, wasEncrypted });
    } catch {
      this.undecodable += 1;
    }
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  #decrypt(speakerId: string, payload: Buffer): Buffer {
    if (!this.#session) throw new Error('No keys yet');
    return this.#session.decrypt(speakerId, MediaType.AUDIO, payload);
  }

  /** What was said, without the silence around it. */
  speech(): readonly HeardPacket[] {
    return this.packets.filter(({ isSilence }) => !isSilence);
  }

  /** What the member's ear gets: mono 16-bit at 48 kHz. */
  decode(speech = this.speech()): Int16Array {
    const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
    return joinSamples(
      speech.map(({ opus }) => {
        const bytes = decoder.decode(opus);
        return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2).slice();
      }),
    );
  }

  /** Resolves when what was heard so far fits. */
  async until(fits: (listener: Listener) => boolean, timeoutMs = 20_000): Promise<void> {
    if (fits(this)) return;
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = () => fits(this) && end(resolve);
      const timer = setTimeout(
        () =>
          end(() =>
            reject(
              new Error(
                `Heard only ${this.packets.length} packets, ${this.undecodable} undecodable`,
              ),
            ),
          ),
        timeoutMs,
      );
      this.#waiting.add(look);
    });
  }

  /** Resolves when an utterance is over: speech, then the five frames of silence that end it. */
  async hearsEnd(timeoutMs?: number): Promise<void> {
    await this.until(({ packets }) => {
      const tail = packets.slice(-5);
      return packets.length > 5 && tail.length === 5 && tail.every(({ isSilence }) => isSilence);
    }, timeoutMs);
  }
}
