import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  type MessageActionRowComponentBuilder,
} from 'discord.js';
import type { ButtonState, Components, Holder } from './components.ts';

/** How a button looks and what it does. */
export interface ButtonSpec extends ButtonState {
  readonly label: string;
  readonly style?: 'primary' | 'success' | 'danger' | 'secondary';
}

const STYLES = {
  primary: ButtonStyle.Primary,
  success: ButtonStyle.Success,
  danger: ButtonStyle.Danger,
  secondary: ButtonStyle.Secondary,
} as const;

export type ButtonRow = ActionRowBuilder<MessageActionRowComponentBuilder>;

/** One row of buttons for the member of this interaction. */
export async function buttonRow(
  { components }: { readonly components: Components },
  { user, channelId }: ChatInputCommandInteraction | ButtonInteraction,
  specs: readonly ButtonSpec[],
): Promise<ButtonRow> {
  return await rowFor(components, { userId: user.id, channelId: channelId ?? '' }, specs);
}

/** One row of buttons for whoever may press them. */
export async function rowFor(
  components: Components,
  holder: Holder,
  specs: readonly ButtonSpec[],
): Promise<ButtonRow> {
  const customIds = await components.issue(holder, specs);
  const row = new ActionRowBuilder<MessageActionRowComponentBuilder>();
  for (const [index, { label, style = 'secondary' }] of specs.entries())
    row.addComponents(
      new ButtonBuilder()
        .setCustomId(customIds[index] ?? '')
        .setLabel(label)
        .setStyle(STYLES[style]),
    );
  return row;
}
