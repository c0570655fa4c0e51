import { fromUsd } from './money.ts';
import { DAY_MS, MINUTE_MS } from './time.ts';

/** The largest file a sample may come in. */
export const MAX_UPLOAD_BYTES = 26_214_400;
/** How long Discord takes an answer under the token of an interaction. */
export const TOKEN_LIFE_MS = 15 * MINUTE_MS;
/** The most characters of a line that an admin may allow. */
export const MAX_TEXT = 4_000;
/** Clones a member may make in a day. */
export const CLONES_PER_DAY = 5;
/** Renewals of a voice in a day, where they cost something: a handle is good for several days. */
export const RENEWALS_PER_DAY = 2;
/** Recordings of a member that may turn out to be of no use in an hour: each is work for all. */
export const REFUSED_RECORDINGS_PER_HOUR = 10;
/** Cloning asks for an account and a membership that have existed for a while. */
export const MIN_ACCOUNT_AGE_MS = 7 * DAY_MS;
export const MIN_MEMBERSHIP_MS = 10 * MINUTE_MS;
/** What a server may spend in its first day with the bot. */
export const NEW_SERVER_BUDGET = fromUsd(0.5);
/** Lines of a member: a burst, then a steady rate. */
export const LINES_BURST = 10;
