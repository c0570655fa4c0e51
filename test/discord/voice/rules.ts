import { z } from 'zod';
import type { Violations } from '../../violations.ts';
import type { RtpPacket } from './rtp.ts';

const snowflake = z.string().regex(/^\d{1,20}$/);
/** -1 before anything was numbered. */
const acknowledged = z.number().int().min(-1);

/** What a bot may say to the voice server, by opcode: Voice Connections, version 8. */
export const VOICE_EVENTS: Readonly<Record<string, z.ZodType>> = {
  0: z.strictObject({
    server_id: snowflake,
    channel_id: snowflake.optional(),
    user_id: snowflake,
    session_id: z.string().min(1),
    token: z.string().min(1),
    max_dave_protocol_version: z.literal([0, 1]).optional(),
  }),
  1: z.strictObject({
    protocol: z.literal('udp'),
    data: z.strictObject({
      address: z.ipv4(),
      port: z.number().int().min(1).max(65_535),
      mode: z.string(),
    }),
  }),
  3: z.strictObject({ t: z.number().int().nonnegative(), seq_ack: acknowledged }),
  5: z.strictObject({ speaking: z.literal([0, 1]), delay: z.literal(0), ssrc: z.number().int() }),
  7: z.strictObject({
    server_id: snowflake,
    channel_id: snowflake.optional(),
    session_id: z.string().min(1),
    token: z.string().min(1),
    seq_ack: acknowledged,
  }),
  23: z.strictObject({ transition_id: z.number().int().min(0).max(0xffff) }),
  31: z.strictObject({ transition_id: z.number().int().min(0).max(0xffff) }),
};

/** Those that are bytes: a key package, and a commit with its welcome. */
export const VOICE_BINARY_EVENTS = [26, 28] as const;

/** What the rules of the voice server in words are, each checked below. */
export const VOICE_RULES = {
  'voice address': 'the address is wss://…/?v=8',
  'voice event': 'each opcode is one that bots send, with its fields alone and of their types',
  'voice order': 'one of Identify and Resume comes first, and once on a connection',
  'voice heartbeat': 'no number is acknowledged that was never sent',
  'voice protocol': 'the mode is one that was offered, the address the one that was discovered',
  'voice speaking': 'Speaking names the own SSRC, and comes before sound',
  'voice silence': 'no sound from who is muted, suppressed, or not in that channel any more',
  'rtp packet': 'version 2, payload type 120, no extension, sealed with the key of the session',
  'rtp sequence': 'each packet has the number and the timestamp of the one before, +1 and +960',
  'rtp nonce': 'no nonce of a session comes twice; some may be left out',
  'dave key package': 'a key package comes before the first commit',
  'dave commit': 'a commit answers proposals, and names exactly those that were made',
  'dave sound': 'once the transition is executed, all but silence is end-to-end encrypted',
} as const;

type Break = (rule: keyof typeof VOICE_RULES, how: string) => void;

/** One connection of a bot to the voice server, as the rules see it. */
export interface VoiceRules {
  text(message: { readonly op: number; readonly d: unknown }, session: Known | undefined): void;
  binary(opcode: number): void;
}

/** What was said to the bot before. */
export interface Known {
  readonly ssrc: number;
  readonly modes: readonly string[];
  /** The number of the last message. */
  readonly sequence: number;
  /** Where the bot was told that its sound comes from; undefined: it did not ask. */
  readonly discovered: { readonly address: string; readonly port: number } | undefined;
}

/** @param address what was asked for when the connection was made. */
export function createVoiceRules(address: string | undefined, violations: Violations): VoiceRules {
  const broken: Break = (rule, how) => violations.add(rule, how);
  const version = new URL(address ?? '/', 'wss://voice').searchParams.get('v');
  if (version !== '8') broken('voice address', `version ${version}`);
  let isLetIn = false;

  return {
    text({ op, d, ...more }, session) {
      if (Object.keys(more).length > 0)
        broken('voice event', `opcode ${op} has ${Object.keys(more).join()}`);
      const read = VOICE_EVENTS[op]?.safeParse(d);
      if (!read?.success) {
        const why = read?.error ? z.prettifyError(read.error) : 'is none a bot sends';
        return broken('voice event', `opcode ${op} ${why}`);
      }
      const isGreeting = op === 0 || op === 7;
      if (isGreeting && isLetIn) broken('voice order', `opcode ${op} on a connection let in`);
      if (!isGreeting && op !== 3 && !isLetIn) broken('voice order', `opcode ${op} comes first`);
      isLetIn ||= isGreeting;
      if (session) checkEvent(op, read.data as Fields, session, broken);
    },
    binary(opcode) {
      if (!VOICE_BINARY_EVENTS.some((one) => one === opcode))
        broken('voice event', `opcode ${opcode} in bytes`);
      if (!isLetIn) broken('voice order', `opcode ${opcode} comes first`);
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function checkEvent(op: number, d: Fields, known: Known, broken: Break): void {
  if (op === 3 && Number(d['seq_ack']) > known.sequence)
    broken('voice heartbeat', `${d['seq_ack']} after ${known.sequence}`);
  if (op === 5 && d['ssrc'] !== known.ssrc) broken('voice speaking', 'names another SSRC');
  if (op !== 1) return;
  const { mode, address, port } = d['data'] as Fields;
  if (!known.modes.includes(String(mode))) broken('voice protocol', `mode ${mode}`);
  const { discovered } = known;
  if (address !== discovered?.address || port !== discovered?.port)
    broken('voice protocol', 'the address is not the one that was discovered');
}

/** How the end-to-end encryption of a session stands. */
export interface Group {
  readonly hasKeyPackage: boolean;
  /** References of what was proposed and not yet committed, if anything was. */
  readonly open: readonly string[] | undefined;
}

/** @param references of the proposals that the commit names. */
export function checkCommit(
  { hasKeyPackage, open }: Group,
  references: readonly string[],
  violations: Violations,
): void {
  const broken: Break = (rule, how) => violations.add(rule, how);
  if (!hasKeyPackage) broken('dave key package', 'a commit comes first');
  if (!open) return broken('dave commit', 'nothing was proposed');
  const isAll = open.toSorted().join() === references.toSorted().join();
  if (!isAll) broken('dave commit', `${references.length} of ${open.length} proposals`);
}

/** The sound of one session, as the rules see it. */
export interface SoundRules {
  packet(packet: RtpPacket): void;
}

/** What a bot was told, and told itself, over the websocket. */
export interface Heard {
  readonly isAnnounced: boolean;
  /** Whether the transition to end-to-end encryption was executed. */
  readonly isSecret: boolean;
  /** Why nothing of it may be heard now, if so. */
  readonly barred: string | undefined;
}

const SOUND_TYPE = 120;
/** Packets that may be under way when a word over the websocket makes them wrong: a second of sound. */
const OVERTAKEN = 50;
export const SILENCE = Buffer.of(0xf8, 0xff, 0xfe);

export function createSoundRules(heard: () => Heard, violations: Violations): SoundRules {
  const broken: Break = (rule, how) => violations.add(rule, how);
  const nonces = new Set<number>();
  const inARow = new Map<string, number>();
  let last: RtpPacket | undefined;

  /** Breaks a rule for what goes on, once. */
  function hold(rule: keyof typeof VOICE_RULES, wrong: string | undefined): void {
    const times = wrong === undefined ? 0 : (inARow.get(rule) ?? 0) + 1;
    inARow.set(rule, times);
    if (wrong !== undefined && times === OVERTAKEN + 1) broken(rule, wrong);
  }

  return {
    packet(packet) {
      const { payloadType, sequence, timestamp, nonce, payload } = packet;
      const { isAnnounced, isSecret, barred } = heard();
      if (payloadType !== SOUND_TYPE) broken('rtp packet', `payload type ${payloadType}`);
      if (nonces.has(nonce)) broken('rtp nonce', `${nonce} again`);
      nonces.add(nonce);
      if (last) {
        const steps = [(sequence - last.sequence) & 0xffff, (timestamp - last.timestamp) >>> 0];
        // Once a day of sound the library begins at 0 again, and does not wrap.
        const isAnew = timestamp === 0 && last.timestamp + 960 >= 2 ** 32 && steps[0] === 1;
        if (steps.join() !== '1,960' && !isAnew)
          broken('rtp sequence', `+${steps.join(', timestamp +')}`);
      }
      last = packet;
      hold('voice speaking', isAnnounced ? undefined : 'sound without Speaking before it');
      hold('voice silence', barred);
      const isOpen = isSecret && !isEncrypted(payload) && !payload.equals(SILENCE);
      hold('dave sound', isOpen ? 'a frame that others than the members can read' : undefined);
    },
  };
}

/** By the marker at its end. */
export function isEncrypted(payload: Buffer): boolean {
  return payload.at(-1) === 0xfa && payload.at(-2) === 0xfa;
}
