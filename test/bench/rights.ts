import { Client, type GuildMember, type VoiceChannel } from 'discord.js';
import { findVoiceObjection } from '../../src/bot/permissions.ts';
import { watchObjections } from '../../src/bot/say/objection.ts';
import type { ReadyLine } from '../../src/bot/say/ready-line.ts';
import type { Withdrawn } from '../../src/domain/errors.ts';
import { createAccess } from '../../src/guilds/access.ts';
import type { Guilds } from '../../src/guilds/guilds.ts';
import { openTemporary } from '../store/open.ts';
import { STOCK } from './voice.ts';

const [GUILD, CHANNEL, ROLE, MEMBER, BOT] = ['1', '3', '2', '8', '9'];
/** View Channel, Connect, Speak. */
const RIGHTS = '3146752';

/** Makes the look of one line. */
export interface Rights extends AsyncDisposable {
  watch(): () => Promise<Withdrawn | undefined>;
}

/**
 * What a line asks twice a second while it is heard, of a real store and of discord.js: all lines
 * are one member's here, each with a look of its own.
 */
export async function openRights(): Promise<Rights> {
  const opened = await openTemporary();
  const { store } = opened;
  const access = createAccess(store);
  const { member, channel } = makeMember();
  const requester = await store.members.refOf(member.id);
  const actor = { userId: MEMBER, guildId: GUILD, places: [CHANNEL], roleIds: [], permissions: 0n };
  const line = { voice: STOCK, member, requester, actor } as Partial<ReadyLine> as ReadyLine;
  const bot = { store, guilds: { access } as Guilds };
  return {
    watch() {
      const objections = watchObjections(bot);
      return async () => {
        const why = findVoiceObjection(member, channel);
        return why ? { why } : await objections(line);
      };
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A member in a voice channel, as the gateway would have told of them. */
function makeMember(): { member: GuildMember; channel: VoiceChannel } {
  const client = new Client({ intents: [] });
  Reflect.set(client, 'user', { id: BOT });
  const role = (id: string) => ({ id, name: id, permissions: RIGHTS, position: 0, colors: {} });
  const person = (id: string) => ({ user: { id, username: id }, roles: [ROLE] });
  const guild = {
    id: GUILD,
    roles: [role(GUILD), role(ROLE)],
    channels: [{ id: CHANNEL, type: 2, permission_overwrites: [], user_limit: 0 }],
    members: [person(BOT), person(MEMBER)],
  };
  const add = Reflect.get(client.guilds, '_add') as (data: unknown) => typeof client.guilds;
  add.call(client.guilds, guild);
  const cached = client.guilds.cache.get(GUILD);
  const member = cached?.members.cache.get(MEMBER);
  const channel = cached?.channels.cache.get(CHANNEL);
  if (!member || !channel) throw new Error('discord.js took nobody in');
  return { member, channel: channel as VoiceChannel };
}
