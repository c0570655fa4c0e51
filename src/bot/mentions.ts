import type { Guild } from 'discord.js';
import type { MentionedNames } from '../speech/clean-text.ts';

/** A text full of mentions must not turn into a flood of requests. */
const MOST_FETCHED = 10;

/** Looks up the names of who and what a text mentions; members not in the cache are fetched. */
export async function readMentions(text: string, guild: Guild): Promise<MentionedNames> {
  const ids = [...new Set([...text.matchAll(/<@!?(\d{1,20})>/g)].map(([, id = '']) => id))];
  const unknown = ids.filter((id) => !guild.members.cache.has(id)).slice(0, MOST_FETCHED);
  // Whoever has left the server is spoken of as "someone".
  await Promise.allSettled(unknown.map((id) => guild.members.fetch(id)));
  const users = ids.flatMap((id) => {
    const member = guild.members.cache.get(id);
    return member ? [[id, member.displayName] as const] : [];
  });
  return {
    users: new Map(users),
    roles: new Map(guild.roles.cache.map(({ id, name }) => [id, name])),
    channels: new Map(guild.channels.cache.map(({ id, name }) => [id, name])),
  };
}
