import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import type { Snowflake } from '../../domain/ids.ts';
import type { AccessRule } from '../../store/guilds.ts';
import { TOPICS, WHERE, wordSubjects } from '../access-words.ts';
import { memberOf } from '../actor.ts';
import { recordAct } from '../audit.ts';
import type { Answer, Call } from '../command.ts';

type AdminCall = Call<ChatInputCommandInteraction>;

export type Subject = Pick<AccessRule, 'subject' | 'subjectId'>;

/** Adds rules, and shows all that hold now. */
export async function setAccess(
  call: AdminCall,
  what: AccessRule['what'],
  rule: AccessRule['rule'],
  subjects: readonly Subject[],
): Promise<Answer> {
  const { store } = call.bot;
  const guildId = memberOf(call.interaction).guild.id;
  for (const subject of subjects) await store.guilds.setRule(guildId, { what, rule, ...subject });
  await recordAct(call, 'access', `${what} ${rule} ${listIds(subjects)}`);
  return await cardWith(call, 'Done. This holds now:');
}

/** Takes rules back, of the named subjects or all of a thing, and shows all that hold now. */
export async function clearAccess(
  call: AdminCall,
  what: AccessRule['what'],
  subjects: readonly Subject[],
): Promise<Answer> {
  const { store } = call.bot;
  const guildId = memberOf(call.interaction).guild.id;
  let cleared = subjects.length === 0 ? await store.guilds.clearRules(guildId, what) : 0;
  for (const subject of subjects) cleared += await store.guilds.clearRules(guildId, what, subject);
  await recordAct(call, 'access', `${what} clear ${listIds(subjects)}`);
  const became = cleared === 0 ? 'There was no such rule, so nothing changed.' : 'Done.';
  return await cardWith(call, `${became} This holds now:`);
}

/** Every rule of the server in words. */
export async function accessCard(call: AdminCall): Promise<Answer> {
  return await cardWith(call, '');
}

async function cardWith({ interaction, bot }: AdminCall, content: string): Promise<Answer> {
  const guildId = memberOf(interaction).guild.id;
  const rules = await bot.store.guilds.rules(guildId);
  const embed = new EmbedBuilder()
    .setTitle('Who may do what here')
    .setDescription(wordRules(rules, guildId))
    .setFields({
      name: 'How rules work',
      value: `A deny beats an allow. Once roles are allowed by name, one of them is needed; once channels are, only they will do. ${WHERE}`,
    });
  return { content, embeds: [embed] };
}

/** Discord takes so many characters there. */
const MAX_CHARACTERS = 4_096;

/** Of very many rules as many names of each kind are said as fit. */
function wordRules(rules: readonly AccessRule[], guildId: Snowflake): string {
  const texts = [1_000, 50, 12].map((most) =>
    [
      wordTopic('clone', rules, { guildId, most }),
      wordTopic('speak', rules, { guildId, most }),
      wordModerators(rules, { guildId, most }),
    ].join('\n'),
  );
  return texts.find(({ length }) => length <= MAX_CHARACTERS) ?? '';
}

interface Names {
  readonly guildId: Snowflake;
  readonly most: number;
}

function wordTopic(what: 'clone' | 'speak', rules: readonly AccessRule[], names: Names): string {
  const named = (subject: AccessRule['subject'], rule: AccessRule['rule']) =>
    wordNamed(rules, { what, subject, rule }, names);
  const [roles, places] = [named('role', 'allow'), named('channel', 'allow')];
  const who = roles === undefined ? 'for every member' : `only for ${roles}`;
  const where = places === undefined ? 'in every channel' : `only in ${places}`;
  const noRoles = but('for', named('role', 'deny'));
  const noPlaces = but('in', named('channel', 'deny'));
  return `**${TOPICS[what]}**: ${who}${noRoles}; ${where}${noPlaces}.`;
}

/** A role can be named for it or kept from it; whoever manages the server is never kept from it. */
function wordModerators(rules: readonly AccessRule[], names: Names): string {
  const named = (rule: AccessRule['rule']) =>
    wordNamed(rules, { what: 'moderate', subject: 'role', rule }, names);
  const allowed = named('allow');
  const also = allowed === undefined ? '' : `, and for ${allowed}`;
  const who = `for members with Manage Server or Timeout Members${also}`;
  return `**${TOPICS.moderate}**: ${who}${but('for', named('deny'))}.`;
}

function but(preposition: 'for' | 'in', names: string | undefined): string {
  return names === undefined ? '' : `, but not ${preposition} ${names}`;
}

function wordNamed(
  rules: readonly AccessRule[],
  { what, subject, rule }: Omit<AccessRule, 'subjectId'>,
  names: Names,
): string | undefined {
  const ids = rules
    .filter((one) => one.what === what && one.subject === subject && one.rule === rule)
    .map(({ subjectId }) => subjectId);
  return ids.length === 0 ? undefined : wordSubjects(subject, ids, names);
}

function listIds(subjects: readonly Subject[]): string {
  return subjects.map(({ subjectId }) => subjectId).join(' ');
}
