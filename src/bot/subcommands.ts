import type { ChatInputCommandInteraction } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Answer, Call } from './command.ts';

type CommandCall = Call<ChatInputCommandInteraction>;

/** What each subcommand of a command does, by its name. */
export type Subcommands = Readonly<Record<string, (call: CommandCall) => Promise<Answer>>>;

/** Runs the subcommand that was called. @throws UserError E_OPT_VALUE for one that is not listed. */
export async function runSubcommand(call: CommandCall, subcommands: Subcommands): Promise<Answer> {
  const name = call.interaction.options.getSubcommand();
  const run = subcommands[name];
  if (!run) throw new UserError({ code: 'E_OPT_VALUE', option: name });
  return await run(call);
}
