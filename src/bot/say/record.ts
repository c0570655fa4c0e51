import type { Snowflake } from '../../domain/ids.ts';
import type { Bot } from '../bot.ts';
import type { ReadyLine } from './ready-line.ts';
import type { Way } from './wish.ts';

/** What was heard or posted, by whom, in whose voice; never what was said. */
export async function record(
  { store, guilds, clock }: Bot,
  { utterance, voice, requester, actor }: ReadyLine,
  { id, output, channelId }: { id: string; output: Way['kind']; channelId: Snowflake },
): Promise<void> {
  await store.utterances.add({
    id,
    requester,
    voice,
    guildId: actor.guildId,
    channelId,
    output,
    characters: utterance.characters,
    at: clock(),
  });
  if (output !== 'voice') await guilds.limits.countPost({ userId: actor.userId, channelId });
}
