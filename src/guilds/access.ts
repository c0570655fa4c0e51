import { type BlockRefusal, type RuleRefusal, UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import type { Blocks } from '../store/blocks.ts';
import type { AccessRule, GuildStore } from '../store/guilds.ts';

/** A member of a server doing something, as its rules see them. */
export interface Actor {
  readonly userId: Snowflake;
  readonly guildId: Snowflake;
  /**
   * The channel where the sound lands (for cloning: where the command is used), and what it belongs
   * to: the channel of a thread, the category of a channel. Their rules hold, those of no other.
   */
  readonly places: readonly Snowflake[];
  readonly roleIds: readonly Snowflake[];
  /** Discord's permission bits, as sent with the interaction. */
  readonly permissions: bigint;
}

export type Objection = { readonly why: 'off' } | BlockRefusal | RuleRefusal;

export interface Access {
  /** @throws UserError E_OFF, E_NOT_ALLOWED. */
  authorize(what: 'clone' | 'speak', actor: Actor): Promise<void>;
  isModerator(actor: Actor): Promise<boolean>;
  /** What stands against it; asked again before and while a line is spoken. */
  findObjection(what: 'clone' | 'speak', actor: Actor): Promise<Objection | undefined>;
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

  const findObjection: Access['findObjection'] = async (what, actor) => {
    const { guildId, userId, roleIds, places } = actor;
    if (what === 'speak' && (await guilds.read(guildId)).isOff) return { why: 'off' };
    const block = await blocks.find(guildId, userId);
    if (block) return { why: 'blocked', until: block.until };
    const rules = (await guilds.rules(guildId)).filter((rule) => rule.what === what);
    return (
      findRefusal(rules, { guildId, what, why: 'role', held: roleIds }) ??
      findRefusal(rules, { guildId, what, why: 'channel', held: places })
    );
  };

  return {
    findObjection,

    async authorize(what, actor) {
      const objection = await findObjection(what, actor);
      if (objection?.why === 'off') throw new UserError({ code: 'E_OFF' });
      if (objection) throw new UserError({ code: 'E_NOT_ALLOWED', ...objection });
    },

    async isModerator({ userId, guildId, roleIds, permissions }) {
      if (isAdmin(permissions)) return true;
      // Or a moderator who was blocked would lift the block.
      if (await blocks.find(guildId, userId)) return false;
      const rules = (await guilds.rules(guildId)).filter(({ what }) => what === 'moderate');
      const own = rules.filter(({ subjectId }) => roleIds.includes(subjectId));
      if (own.some(({ rule }) => rule === 'deny')) return false;
      return (permissions & MODERATE_MEMBERS) !== 0n || own.length > 0;
    },
  };
}

/** A deny beats any allow; once anything is allowed by name, one of those allowed is needed. */
function findRefusal(
  rules: readonly AccessRule[],
  {
    held,
    ...about
  }: Pick<RuleRefusal, 'why' | 'what' | 'guildId'> & { readonly held: readonly Snowflake[] },
): RuleRefusal | undefined {
  const named = (decision: AccessRule['rule']) =>
    rules
      .filter(({ rule, subject }) => rule === decision && subject === about.why)
      .map(({ subjectId }) => subjectId);
  const allowed = named('allow');
  const denied = named('deny').filter((id) => held.includes(id));
  const isMissing = allowed.length > 0 && !allowed.some((id) => held.includes(id));
  return denied.length > 0 || isMissing ? { ...about, allowed, denied } : undefined;
}
