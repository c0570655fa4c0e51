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
  'rtp packet': 'version 2, payload type 120, no extension, sealed with the key of the session',
  'rtp sequence': 'a packet has a number of its own; that of the next comes with timestamp +960',
  'rtp nonce': 'no packet has the nonce of the one before',
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

/** The sound of one session, as the rules see it. */
export interface SoundRules {
  packet(packet: RtpPacket): void;
}

/** As long as a word over the websocket may come later than the packet sent behind it. */
const OVERTAKEN_MS = 1_000;
const SOUND_TYPE = 120;

export function createSoundRules(isAnnounced: () => boolean, violations: Violations): SoundRules {
  const broken: Break = (rule, how) => violations.add(rule, how);
  let last: RtpPacket | undefined;
  let unannouncedSince: number | undefined;

  return {
    packet(packet) {
      const { payloadType, sequence, timestamp, nonce } = packet;
      if (payloadType !== SOUND_TYPE) broken('rtp packet', `payload type ${payloadType}`);
      if (last && nonce === last.nonce) broken('rtp nonce', 'the last one again');
      // Packets may overtake one another or be lost, on loopback too: only what follows is judged.
      if (last && ((sequence - last.sequence) & 0xffff) === 1) {
        const step = (timestamp - last.timestamp) >>> 0;
        if (step !== 960) broken('rtp sequence', `timestamp +${step}`);
      } else if (last && sequence === last.sequence) broken('rtp sequence', 'sequence +0');
      last = packet;
      if (isAnnounced()) unannouncedSince = undefined;
      else unannouncedSince ??= Date.now();
      if (unannouncedSince !== undefined && Date.now() - unannouncedSince > OVERTAKEN_MS) {
        broken('voice speaking', 'sound without Speaking before it');
        unannouncedSince = undefined;
      }
    },
  };
}
