import type { QueuedLine } from '../playback/line.ts';
import { quoteName, wordSeconds } from './markup.ts';

/** A line as those in its channel may see it: whose it is, in which voice, how long. */
export function wordLine({ requester, label, seconds }: QueuedLine): string {
  return `<@${requester}> as ${quoteName(label)} · about ${wordSeconds(seconds)}`;
}
