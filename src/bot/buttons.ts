import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  type Interaction,
  type MessageActionRowComponentBuilder,
} from 'discord.js';
import type { Bot } from './bot.ts';
import type { ButtonState } from './components.ts';

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

/** One row of buttons for the member of this interaction. */
export async function buttonRow(
  { components }: Pick<Bot, 'components'>,
  interaction: Interaction,
  specs: readonly ButtonSpec[],
): Promise<ActionRowBuilder<MessageActionRowComponentBuilder>> {
  const customIds = await components.issue(interaction, specs);
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
