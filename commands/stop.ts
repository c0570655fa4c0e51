import { SlashCommandBuilder } from 'discord.js';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { onPanel, stopLines } from '../src/bot/queue-controls.ts';

const data = new SlashCommandBuilder()
  .setName('stop')
  .setDescription('Stop and take back your lines, or everyone’s as a moderator')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  run: stopLines,
  actions: { 'panel-stop': onPanel(stopLines) },
} satisfies Command;
