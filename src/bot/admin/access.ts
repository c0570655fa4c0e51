import type { ChatInputCommandInteraction } from 'discord.js';
import type { AccessRule } from '../../store/guilds.ts';
import { memberOf } from '../actor.ts';
import { recordAct } from '../audit.ts';
import type { Answer, Call } from '../command.ts';
import { listAnswer } from '../list.ts';

type AdminCall = Call<ChatInputCommandInteraction>;

export interface Subject {
  readonly subject: AccessRule['subject'];
  readonly id: string;
}

/** Adds rules and shows all there are. */
export async function setAccess(
  call: AdminCall,
  what: AccessRule['what'],
  rule: AccessRule['rule'],
  subjects: readonly Subject[],
): Promise<Answer> {
  const { store } = call.bot;
  const member = memberOf(call.interaction);
  for (const { subject, id: subjectId } of subjects)
    await store.guilds.setRule(member.guild.id, { what, rule, subject, subjectId });
  await recordAct(call, 'access', `${what} ${rule} ${subjects.map(({ id }) => id).join(' ')}`);
  return await accessCard(call);
}

/** Takes rules back, of the named subjects or all of a thing. */
export async function clearAccess(
  call: AdminCall,
  what: AccessRule['what'],
  subjects: readonly Subject[],
): Promise<Answer> {
  const { store } = call.bot;
  const guildId = memberOf(call.interaction).guild.id;
  if (subjects.length === 0) await store.guilds.clearRules(guildId, what);
  for (const { id } of subjects) await store.guilds.clearRules(guildId, what, id);
  await recordAct(call, 'access', `${what} clear ${subjects.map(({ id }) => id).join(' ')}`);
  return await accessCard(call);
}

export async function accessCard({ interaction, bot }: AdminCall): Promise<Answer> {
  const rules = await bot.store.guilds.rules(memberOf(interaction).guild.id);
  if (rules.length === 0)
    return { content: 'No rules: every member may clone and speak, everywhere I am.' };
  const rows = rules.map(({ what, rule, subject, subjectId }) => {
    const whom = subject === 'role' ? `<@&${subjectId}>` : `<#${subjectId}>`;
    return `- **${what}**: ${rule} ${whom}`;
  });
  const title = 'Rules here: a deny beats an allow; once some are allowed by name, only those may';
  return listAnswer(title, rows);
}
