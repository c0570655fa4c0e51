import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import type { Blocks } from '../store/blocks.ts';
import type { AccessRule, GuildStore } from '../store/guilds.ts';

/** A member of a server doing something, as its rules see them. */
export interface Actor {
  readonly userId: Snowflake;
  readonly guildId: Snowflake;
  readonly channelId: Snowflake;
  /** The channel a thread belongs to: its rules hold in the thread. */
  readonly parentChannelId: Snowflake | undefined;
  readonly roleIds: readonly Snowflake[];
  /** Discord's permission bits, as sent with the interaction. */
  readonly permissions: bigint;
}

export interface Access {
  /** @throws UserError E_OFF, E_NOT_ALLOWED. */
  authorize(what: 'clone' | 'speak', actor: Actor): Promise<void>;
  isModerator(actor: Actor): Promise<boolean>;
  /** Asked again before and while a line is spoken. */
  mayStillSpeak(actor: Actor): Promise<boolean>;
}

const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;
const MODERATE_MEMBERS = 1n << 40n;

/** Manage Server, checked at run time: the defaults of a command only hide it. */
export function isAdmin(permissions: bigint): boolean {
  return (permissions & (ADMINISTRATOR | MANAGE_GUILD)) !== 0n;
}

export function createAccess(stores: { guilds: GuildStore; blocks: Blocks }): Access {
  const { guilds, blocks } = stores;

  const authorize: Access['authorize'] = async (what, actor) => {
    const { guildId, userId } = actor;
    if (what === 'speak' && (await guilds.read(guildId)).isOff)
      throw new UserError({ code: 'E_OFF' });
    if (await blocks.find(guildId, userId))
      throw new UserError({ code: 'E_NOT_ALLOWED', why: 'blocked' });
    const rules = (await guilds.rules(guildId)).filter((rule) => rule.what === what);
    const places = [actor.channelId, actor.parentChannelId];
    if (!fits(rules, 'role', (id) => actor.roleIds.includes(id)))
      throw new UserError({ code: 'E_NOT_ALLOWED', why: 'role' });
    if (!fits(rules, 'channel', (id) => places.includes(id)))
      throw new UserError({ code: 'E_NOT_ALLOWED', why: 'channel' });
  };

  return {
    authorize,

    async isModerator({ guildId, roleIds, permissions }) {
      if (isAdmin(permissions)) return true;
      const rules = (await guilds.rules(guildId)).filter(({ what }) => what === 'moderate');
      const own = rules.filter(({ subjectId }) => roleIds.includes(subjectId));
      if (own.some(({ rule }) => rule === 'deny')) return false;
      return (permissions & MODERATE_MEMBERS) !== 0n || own.length > 0;
    },

    async mayStillSpeak(actor) {
      try {
        await authorize('speak', actor);
        return true;
      } catch (error) {
        if (error instanceof UserError) return false;
        throw error;
      }
    },
  };
}

/** A deny beats any allow; once anything is allowed by name, one of those allowed is needed. */
function fits(
  rules: readonly AccessRule[],
  subject: AccessRule['subject'],
  has: (id: Snowflake) => boolean,
): boolean {
  const about = rules.filter((rule) => rule.subject === subject);
  if (about.some(({ rule, subjectId }) => rule === 'deny' && has(subjectId))) return false;
  const allowed = about.filter(({ rule }) => rule === 'allow');
  return allowed.length === 0 || allowed.some(({ subjectId }) => has(subjectId));
}
