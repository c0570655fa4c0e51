import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { VoiceEvent } from '../voices/voice-event.ts';
import { quoteName } from './markup.ts';
import { postPrivately } from './post.ts';

/** Tells owners in a direct message what happens to their voices; one who takes none learns it at their next line. */
export function createVoiceNotes(options: {
  client: Client;
  store: Store;
  log: Logger;
}): (event: VoiceEvent) => Promise<void> {
  const { client, store, log } = options;
  return async (event) => {
    const { voice } = event;
    try {
      const userId = await store.members.findUserId(voice.owner);
      if (userId !== undefined) await postPrivately(client, userId, { content: wordEvent(event) });
    } catch (error) {
      log.info({ err: error, voice: voice.id }, 'the owner of a voice could not be told of it');
    }
  };
}

function wordEvent({ voice }: VoiceEvent): string {
  return `Your voice ${quoteName(voice.name)} does not speak any more: the speech provider (Venice) has refused the last lines in it, one after the other, also after I renewed it from your recording. It is still yours and is tried again with each line. If that does not help, clone it again with \`/clone\`, from another recording or with another model. Nothing else of yours is affected.`;
}
