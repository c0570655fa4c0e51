import { z } from 'zod';
import type { Violations } from '../../violations.ts';

/** Discord closes a connection with 4002 for a larger one. */
const MOST_BYTES = 4096;
/** And with 4008 for more in a minute. */
const MOST_A_MINUTE = 120;
const MINUTE_MS = 60_000;

const snowflake = z.string().regex(/^\d{1,20}$/);
const sequence = z.number().int().nonnegative();

/** What a bot may say, by opcode: Gateway Events, Send Events. */
const SENT = {
  1: sequence.nullable(),
  2: z.strictObject({
    token: z.string().min(1),
    properties: z.strictObject({ os: z.string(), browser: z.string(), device: z.string() }),
    intents: z.number().int().nonnegative(),
    compress: z.boolean().optional(),
    large_threshold: z.number().int().min(50).max(250).optional(),
    shard: z.tuple([z.number().int(), z.number().int()]).optional(),
    presence: z.unknown().optional(),
  }),
  3: z.strictObject({
    since: z.number().int().nullable(),
    activities: z.array(z.unknown()),
    status: z.enum(['online', 'dnd', 'idle', 'invisible', 'offline']),
    afk: z.boolean(),
  }),
  4: z.strictObject({
    guild_id: snowflake,
    channel_id: snowflake.nullable(),
    self_mute: z.boolean(),
    self_deaf: z.boolean(),
  }),
  6: z.strictObject({ token: z.string(), session_id: z.string(), seq: sequence }),
  8: z.strictObject({
    guild_id: snowflake,
    user_ids: z.union([snowflake, z.array(snowflake).max(100)]).optional(),
    query: z.string().optional(),
    limit: z.number().int().nonnegative().optional(),
    presences: z.boolean().optional(),
    nonce: z.string().max(32).optional(),
  }),
} as const satisfies Readonly<Record<number, z.ZodType>>;

/** What a bot may say of each opcode, for the list of what is checked. */
export const GATEWAY_EVENTS: Readonly<Record<string, z.ZodType>> = SENT;

/** One connection of a bot, as the rules of the gateway see it. */
export interface GatewayRules {
  /** @returns the code to close with, where Discord would. */
  receive(message: Buffer): number | undefined;
  /** The number of the last event that was sent. */
  sent(sequence: number): void;
}

/** @param address what was asked for when the connection was made. */
export function createGatewayRules(address: URL, violations: Violations): GatewayRules {
  const broken = (how: string) => violations.add('gateway', how);
  const { searchParams } = address;
  if (searchParams.get('v') !== '10') broken(`the version asked for is ${searchParams.get('v')}`);
  if (searchParams.get('encoding') !== 'json') broken('JSON is not asked for');
  const times: number[] = [];
  let isLetIn = false;
  let last: number | null = null;

  return {
    receive(message) {
      const now = Date.now();
      times.push(now);
      while ((times[0] ?? now) <= now - MINUTE_MS) times.shift();
      if (times.length > MOST_A_MINUTE) {
        broken(`more than ${MOST_A_MINUTE} messages in a minute`);
        return 4008;
      }
      if (message.byteLength > MOST_BYTES) {
        broken(`a message of ${message.byteLength} bytes`);
        return 4002;
      }
      const { op, d, ...more } = JSON.parse(message.toString()) as { op: number; d: unknown };
      if (Object.keys(more).length > 0) broken(`opcode ${op} has ${Object.keys(more).join()}`);
      const rule = GATEWAY_EVENTS[op];
      if (!rule) {
        broken(`opcode ${op} is none a bot sends`);
        return 4001;
      }
      const read = rule.safeParse(d);
      if (!read.success) {
        broken(`opcode ${op}: ${z.prettifyError(read.error)}`);
        return 4002;
      }
      // It may have left before the last event arrived.
      if (op === 1 && last !== null && Number(d) > last)
        broken(`a heartbeat names ${String(d)}, the last was ${last}`);
      const isGreeting = op === 2 || op === 6;
      if (isGreeting && isLetIn) {
        broken('identifies or resumes twice on one connection');
        return 4005;
      }
      if (!isGreeting && op !== 1 && !isLetIn) {
        broken(`opcode ${op} comes before identifying`);
        return 4003;
      }
      isLetIn ||= isGreeting;
      return undefined;
    },
    sent(sequence) {
      last = sequence;
    },
  };
}
