import { z } from 'zod';
import { voiceStateJson } from '../../wire/guild.ts';
import { PERMISSIONS, permissionsIn } from '../../world/permissions.ts';
import { refuse } from '../api-error.ts';
import { readForm } from '../form.ts';
import type { Route } from './routes.ts';

const GUILD_VOICE_STATES = 1 << 7;

const ownStateRules = z.object({
  channel_id: z.string().nullish(),
  suppress: z.boolean().nullish(),
  request_to_speak_timestamp: z.iso.datetime().nullish(),
});

/** The bot's own place on a stage: who may decide it, and who may only ask. */
export const voiceRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/guilds/:guild/voice-states/@me',
    run: ({ world, request, params }) => {
      const form = readForm(ownStateRules, request.body);
      const guild = world.guilds.get(params['guild'] ?? '');
      if (!guild) throw refuse('unknownGuild');
      const state = guild.voiceStates.get(world.bot.id);
      const channel = guild.channels.get(state?.channelId ?? '');
      if (!state || !channel) throw refuse('unknownVoiceState');
      if (form.channel_id && form.channel_id !== channel.id) throw refuse('unknownVoiceState');
      if (channel.kind !== 'stage') throw refuse('wrongChannelType');
      const held = permissionsIn(guild, world.bot.id, channel, world.clock());
      const may = (bit: bigint) => (held & bit) !== 0n;
      if (form.suppress === false && !may(PERMISSIONS.MuteMembers))
        throw refuse('missingPermissions');
      if (form.request_to_speak_timestamp && !may(PERMISSIONS.RequestToSpeak))
        throw refuse('missingPermissions');
      if (typeof form.suppress === 'boolean') {
        state.isSuppressed = form.suppress;
        state.requestedToSpeakAt = null;
      }
      if (form.request_to_speak_timestamp !== undefined)
        state.requestedToSpeakAt = form.request_to_speak_timestamp;
      world.publish({
        t: 'VOICE_STATE_UPDATE',
        intent: GUILD_VOICE_STATES,
        d: { ...voiceStateJson(guild, state), guild_id: guild.id },
      });
      return { status: 204 };
    },
  },
];
