import { SlashCommandBuilder } from 'discord.js';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { onPanel, skipLine, skipShown } from '../src/bot/queue-controls.ts';

const data = new SlashCommandBuilder()
  .setName('skip')
  .setDescription('Skip the line being spoken: your own, or any as a moderator')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  run: skipLine,
  actions: { 'panel-skip': onPanel(skipShown) },
} satisfies Command;
