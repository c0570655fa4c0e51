import type { Guild, World } from '../world/world.ts';

const SECONDS = { day: 86_400, hour: 3_600, minute: 60, second: 1 } as const;

/**
 * A text as a member of a server reads it in Discord's client: names instead of ids, times in words,
 * no marks of formatting.
 */
export function asRead(world: World, guild: Guild, text: string): string {
  const nameOf = (id: string) =>
    guild.members.get(id)?.nick ?? world.users.get(id)?.displayName ?? 'unknown-user';
  return text
    .replace(/<@!?(\d+)>/g, (_, id: string) => `@${nameOf(id)}`)
    .replace(/<@&(\d+)>/g, (_, id: string) => `@${guild.roles.get(id)?.name ?? 'deleted-role'}`)
    .replace(/<#(\d+)>/g, (_, id: string) => `#${world.channels.get(id)?.name ?? 'unknown'}`)
    .replace(/<t:(\d+)(?::(\w))?>/g, (_, at: string, style?: string) =>
      style === 'R' ? wordRelative(Number(at) * 1_000 - world.clock()) : wordDate(Number(at)),
    )
    .replace(/```(?:\w*\n)?([\s\S]*?)```/g, '$1')
    .replace(/\*\*(.+?)\*\*/g, '$1')
    .replace(/`([^`]+)`/g, '$1')
    .replace(/^-# /gm, '');
}

/** In the largest unit there is one of, as the client counts it. */
function wordRelative(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const units = Object.entries(SECONDS) as [keyof typeof SECONDS, number][];
  const [unit, length] = units.find(([, one]) => Math.abs(seconds) >= one) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en').format(Math.round(seconds / length), unit);
}

function wordDate(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return date.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
}
