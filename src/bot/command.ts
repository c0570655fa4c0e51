import type {
  APIApplicationCommandOptionChoice,
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  InteractionEditReplyOptions,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { Bot } from './bot.ts';
import type { Ticket } from './order.ts';

/** What an interaction is answered with; the router sends it, exactly once. */
export interface Answer
  extends Pick<InteractionEditReplyOptions, 'content' | 'embeds' | 'components' | 'files'> {
  /** Ten seconds later it is taken away: nobody comes back to read it. */
  readonly vanishes?: true;
  /** What of it may be kept on disk until it is given; left out: all but files. */
  readonly kept?: string;
}

/** What a running command or action is handed. */
export interface Call<I> {
  readonly interaction: I;
  readonly bot: Bot;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
  /** Shows how far things are; the answer follows. */
  progress(answer: Answer): Promise<void>;
  /** For its turn among what its member sends in this server and is to stay in order. */
  readonly ticket: Ticket;
}

/** What holds for a command and for a button alike. */
interface Rules {
  /** Works also where the operator allows nothing else: a member can always delete what is theirs. */
  readonly isAlwaysOpen?: boolean;
  /** What a member sends of these keeps its order; anything else holds nothing up. */
  readonly isInOrder?: boolean;
}

/** A slash command: what Discord is told of it, and what it does. */
export interface Command extends Rules {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody;
  run(call: Call<ChatInputCommandInteraction>): Promise<Answer>;
  /** Choices while the member types; at most 25 are shown. */
  complete?(
    interaction: AutocompleteInteraction,
    bot: Bot,
  ): Promise<readonly APIApplicationCommandOptionChoice<string>[]>;
  /** What this command's buttons do, by the action their `custom_id` names. */
  readonly actions?: Readonly<Record<string, Action>>;
}

/** A button: `update` changes the card it stands on, `reply` answers below it. */
export interface Action extends Rules {
  readonly ack: 'update' | 'reply';
  run(call: ActionCall): Promise<Answer>;
}

export interface ActionCall extends Call<ButtonInteraction> {
  /** What the button was issued with. */
  readonly payload: Readonly<Record<string, unknown>>;
}
