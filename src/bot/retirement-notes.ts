import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import { UserError } from '../domain/errors.ts';
import { pause } from '../domain/pause.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { DueNote } from '../store/retirements.ts';
import type { Store } from '../store/store.ts';
import { postPrivately } from './post.ts';
import { wordForOwner } from './retirements.ts';

/** Discord takes many direct messages at once for spam. */
const PAUSE_MS = 3 * SECOND_MS;
/** So many take less than the hour after which it is looked again. */
const NOTES_AT_ONCE = 1000;

/**
 * Writes to the owners of voices that will fall silent with their model, slowly, once to each of one
 * date. One who takes no direct message learns it at their next line; where Discord does not answer,
 * they are written to when it is looked again. Never rejects.
 */
export async function writeRetirementNotes(
  options: { client: Client; store: Pick<Store, 'retirements'>; log: Logger },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { store, log } = options;
  try {
    const due = await store.retirements.listDue(NOTES_AT_ONCE);
    for (const notes of Map.groupBy(due, ({ userId }) => userId).values())
      if (await writeNotes(notes, options)) await pause(PAUSE_MS, signal);
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'owners could not be told of a retired model');
  }
}

/** @returns whether there was anything to be told: they may have been told meanwhile. */
async function writeNotes(
  due: readonly DueNote[],
  options: { client: Client; store: Pick<Store, 'retirements'>; log: Logger },
): Promise<boolean> {
  const { client, log } = options;
  const { retirements } = options.store;
  const notes: DueNote[] = [];
  for (const note of due) if (await retirements.claim(note)) notes.push(note);
  const [first] = notes;
  if (!first) return false;
  try {
    await postPrivately(client, first.userId, { content: notes.map(wordForOwner).join('\n') });
    for (const { voice, at } of notes) await retirements.tellOwner(voice, at);
  } catch (error) {
    log.info({ err: error }, 'an owner could not be told of a retired model');
    const isRefused = error instanceof UserError && error.problem.code === 'E_DISCORD_REFUSED';
    if (!isRefused) for (const note of notes) await retirements.release(note);
  }
  return true;
}
