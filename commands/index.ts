import type { Command } from '../src/bot/command.ts';
import admin from './admin.ts';
import clone from './clone.ts';
import help from './help.ts';
import join from './join.ts';
import leave from './leave.ts';
import mod from './mod.ts';
import privacy from './privacy.ts';
import queue from './queue.ts';
import say from './say.ts';
import skip from './skip.ts';
import stop from './stop.ts';
import voices from './voices.ts';

/** Every command, read by the router, by registration and by the tests. */
export const commands: readonly Command[] = [
  clone,
  say,
  voices,
  join,
  leave,
  skip,
  stop,
  queue,
  privacy,
  admin,
  mod,
  help,
];
