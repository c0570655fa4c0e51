import type { ChatInputCommandInteraction } from 'discord.js';
import type { AuditKind } from '../store/audit.ts';
import { memberOf } from './actor.ts';
import type { Call } from './command.ts';

/** Notes what an admin or a moderator did in their server. @throws UserError E_GUILD_ONLY. */
export async function recordAct(
  { interaction, bot }: Call<ChatInputCommandInteraction>,
  kind: AuditKind,
  detail: string,
): Promise<void> {
  const { id, guild } = memberOf(interaction);
  const member = await bot.store.members.refOf(id);
  await bot.store.audit.write({ guildId: guild.id, member, kind, detail });
}
