import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  type Interaction,
  MessageFlags,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { deliver, wordFailure } from './answers.ts';
import type { Bot } from './bot.ts';
import type { Action, Answer, Call, Command } from './command.ts';
import { actionOf } from './components.ts';
import { problemOfRefusal } from './discord-refusals.ts';
import { checkAllowed, checkPlace } from './guards.ts';
import { createOrder, type Ticket } from './order.ts';
import { isOutage } from './outage.ts';
import { forgetAnswer, noteAnswer, oweAnswer } from './pending.ts';
import { createProgress } from './progress.ts';
import { isAway } from './until-reached.ts';

/** Takes every interaction to the command that answers it. */
export interface Router {
  handle(interaction: Interaction): Promise<void>;
  /** Refuses what comes from now on, waits for what runs, then aborts it. */
  close(options: { graceMs: number }): Promise<void>;
}

/** What is left for wording the end once everything has been aborted. */
const LAST_WORDS_MS = 1_500;
/** What vanishes stands so long. */
const VANISH_MS = 10_000;
/** How many interaction ids are remembered: a resumed gateway may deliver the last ones again. */
const REMEMBERED = 2_000;

/**
 * The first await of every path is the acknowledgement, because Discord gives three seconds; after
 * it whatever a command returns or throws becomes the one answer.
 */
export function createRouter(options: { commands: readonly Command[]; bot: Bot }): Router {
  const { bot } = options;
  const commands = new Map(options.commands.map((command) => [command.data.name, command]));
  const actions = new Map(
    options.commands.flatMap((command) => Object.entries(command.actions ?? {})),
  );
  const order = createOrder();
  const seen = new Set<string>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let isClosed = false;

  async function handle(interaction: Interaction): Promise<void> {
    if (seen.has(interaction.id)) return;
    seen.add(interaction.id);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(oldest);
    }
    const work = dispatch(interaction).catch((error: unknown) => {
      const { type } = interaction;
      const level = isRefused(error) || isAway(error) ? 'warn' : 'error';
      bot.log[level]({ err: error, type }, 'an interaction could not be answered');
    });
    running.add(work);
    await work;
    running.delete(work);
  }

  function dispatch(interaction: Interaction): Promise<void> {
    if (interaction.isAutocomplete()) return complete(interaction);
    if (interaction.isChatInputCommand()) return runCommand(interaction);
    if (interaction.isButton()) return runAction(interaction);
    bot.log.warn({ type: interaction.type }, 'an interaction of a kind that is not used here');
    return Promise.resolve();
  }

  async function complete(interaction: AutocompleteInteraction): Promise<void> {
    const choices = await suggest(interaction);
    await interaction.respond(choices.slice(0, 25));
  }

  async function suggest(interaction: AutocompleteInteraction) {
    const { commandName } = interaction;
    try {
      return (await commands.get(commandName)?.complete?.(interaction, bot)) ?? [];
    } catch (error) {
      bot.log.warn({ err: error, command: commandName }, 'there were no choices to offer');
      return [];
    }
  }

  async function runCommand(interaction: ChatInputCommandInteraction): Promise<void> {
    const command = commands.get(interaction.commandName);
    // As it comes: acknowledgements may overtake each other.
    using ticket = takeTicket(interaction, command);
    await oweAnswer(bot, interaction, interaction.deferReply({ flags: MessageFlags.Ephemeral }));
    await answer(interaction, ticket, async (call) => {
      if (!command) throw new UserError({ code: 'E_EXPIRED_BUTTON' });
      checkPlace(interaction, command);
      await knowChannel(interaction);
      if (!command.isAlwaysOpen) await checkAllowed(interaction, bot);
      return await command.run(call);
    });
  }

  async function runAction(interaction: ButtonInteraction): Promise<void> {
    const name = actionOf(interaction.customId);
    const action = actions.get(name);
    using ticket = takeTicket(interaction, action);
    const acknowledging =
      action?.ack === 'update'
        ? interaction.deferUpdate()
        : interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await oweAnswer(bot, interaction, acknowledging);
    let isTaken = false;
    await answer(
      interaction,
      ticket,
      async (call) => {
        // A button of an older version, or of nobody.
        if (!action) throw new UserError({ code: 'E_EXPIRED_BUTTON' });
        await knowChannel(interaction);
        if (!action.isAlwaysOpen) await checkAllowed(interaction, bot);
        const payload = await bot.components.take(interaction);
        isTaken = true;
        return await action.run({ ...call, payload });
      },
      // A press that was none of the card's own leaves the card as it is.
      () => action?.ack === 'update' && !isTaken,
    );
  }

  function takeTicket(interaction: Interaction, called: Command | Action | undefined): Ticket {
    const { guildId, user, id } = interaction;
    return order.take(called?.isInOrder ? `${guildId}:${user.id}` : id);
  }

  async function answer<I extends ChatInputCommandInteraction | ButtonInteraction>(
    interaction: I,
    ticket: Ticket,
    run: (call: Call<I>) => Promise<Answer>,
    isAside: () => boolean = () => false,
  ): Promise<void> {
    const signal = stopping.signal;
    const progress = createProgress(interaction, bot.log);
    let end: Answer;
    try {
      if (isClosed) throw new UserError({ code: 'E_STOPPING' });
      end = await run({ interaction, bot, signal, progress: progress.show, ticket });
    } catch (error) {
      const failure = wordFailure(signal.aborted ? stopped(error) : error, bot);
      if (isAside()) {
        await interaction.followUp({ ...failure, flags: MessageFlags.Ephemeral });
        await forgetAnswer(bot, interaction);
        return;
      }
      end = failure;
    }
    progress.end();
    // The answer itself may take long to reach Discord.
    ticket.pass();
    const { vanishes, ...shown } = end;
    await noteAnswer(bot, interaction, shown);
    try {
      await deliver(bot, interaction, shown, { signal });
    } catch (error) {
      // Then the next start gives it.
      if (isOutage(error)) throw error;
      // What Discord will not take as it is.
      await deliver(bot, interaction, wordFailure(error, bot), { signal });
      await forgetAnswer(bot, interaction);
      return;
    }
    await forgetAnswer(bot, interaction);
    if (vanishes) setTimeout(vanish, VANISH_MS, interaction).unref();
  }

  function vanish(interaction: ChatInputCommandInteraction | ButtonInteraction): void {
    interaction.deleteReply().catch((error: unknown) => {
      bot.log.info({ err: error }, 'an answer was gone before it was deleted');
    });
  }

  return {
    handle,
    async close({ graceMs }) {
      isClosed = true;
      const answered = Promise.all(running);
      await Promise.race([answered, sleep(graceMs, undefined, { ref: false })]);
      stopping.abort(new UserError({ code: 'E_INTERRUPTED', what: 'other' }));
      // Discord itself may be what does not answer.
      await Promise.race([answered, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    },
  };
}

/** A thread that was archived when the bot started is unknown to it, and with it what it belongs to. */
async function knowChannel(interaction: ChatInputCommandInteraction | ButtonInteraction) {
  const { guild, channel, channelId, client } = interaction;
  if (!guild || channel || !channelId) return;
  try {
    await client.channels.fetch(channelId);
  } catch (error) {
    // One it may not see stays unknown; what needs to know it says so.
    if (!(error instanceof DiscordAPIError)) throw error;
  }
}

/** Its three seconds were over, another process of this bot has answered, or the thread is locked. */
function isRefused(error: unknown): boolean {
  return error instanceof DiscordAPIError && problemOfRefusal(error) !== undefined;
}

function stopped(error: unknown): unknown {
  return error instanceof UserError
    ? error
    : new UserError({ code: 'E_INTERRUPTED', what: 'other' });
}
