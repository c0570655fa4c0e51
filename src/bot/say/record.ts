import type { Snowflake } from '../../domain/ids.ts';
import { keepBooks } from '../../store/bookkeeping.ts';
import type { Bot } from '../bot.ts';
import type { ReadyLine } from './ready-line.ts';
import type { Way } from './wish.ts';

/** Notes what was heard or posted, by whom, in whose voice; never what was said. It does not fail. */
export async function record(
  { store, guilds, clock, log }: Bot,
  { utterance, voice, requester, actor }: ReadyLine,
  { id, output, channelId }: { id: string; output: Way['kind']; channelId: Snowflake },
): Promise<void> {
  const { guildId, userId } = actor;
  const { characters } = utterance;
  const at = clock();
  const line = { id, requester, voice, guildId, channelId, output, characters, at };
  const post = { userId, channelId };
  await keepBooks(() => store.utterances.add(line), {
    missing: 'a line that was spoken was not recorded',
    log,
  });
  if (output !== 'voice')
    await keepBooks(() => guilds.limits.countPost(post), {
      missing: 'a post was not counted for slow mode',
      log,
    });
}
