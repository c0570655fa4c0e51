import { z } from 'zod';
import { breach } from '../form.ts';
import { link, SNOWFLAKE, text } from './text.ts';

/** What every component may carry. */
export const COMPONENT_ID = z.number().int().min(0).nullish();
export const CUSTOM_ID = text(100, 1);

const EMOJI = z.object({
  id: SNOWFLAKE.nullish(),
  name: z.string().nullish(),
  animated: z.boolean().nullish(),
});

/** A button: a link has a url, a premium one a SKU, every other a custom id; and it shows something. */
export const BUTTON = z
  .object({
    type: z.literal(2),
    id: COMPONENT_ID,
    style: z.literal([1, 2, 3, 4, 5, 6]),
    label: text(80).nullish(),
    emoji: EMOJI.nullish(),
    custom_id: CUSTOM_ID.nullish(),
    url: link('http', 'https', 'discord').nullish(),
    sku_id: SNOWFLAKE.nullish(),
    disabled: z.boolean().nullish(),
  })
  .superRefine((button, context) => {
    const { style, custom_id, url, sku_id, label, emoji } = button;
    const needs = style === 5 ? 'url' : style === 6 ? 'sku_id' : 'custom_id';
    const names = { custom_id, url, sku_id };
    for (const [name, value] of Object.entries(names)) {
      if (name === needs && !value)
        context.addIssue(breach('BASE_TYPE_REQUIRED', 'This field is required', [name]));
      if (name !== needs && value)
        context.addIssue(
          breach('COMPONENT_FIELDS_EXCLUSIVE', `A button of style ${style} cannot have ${name}`, [
            name,
          ]),
        );
    }
    if (style !== 6 && !label && !emoji)
      context.addIssue(
        breach('BUTTON_COMPONENT_INVALID_LABEL', 'A button needs a label or an emoji'),
      );
  });

const choosing = {
  id: COMPONENT_ID,
  custom_id: CUSTOM_ID,
  placeholder: text(150).nullish(),
  min_values: z.number().int().min(0).max(25).nullish(),
  max_values: z.number().int().min(1).max(25).nullish(),
  disabled: z.boolean().nullish(),
  required: z.boolean().nullish(),
};

/** A menu of the app's own choices. */
export const STRING_SELECT = z
  .object({
    type: z.literal(3),
    ...choosing,
    options: z
      .array(
        z.object({
          label: text(100, 1),
          value: text(100, 1),
          description: text(100).nullish(),
          emoji: EMOJI.nullish(),
          default: z.boolean().nullish(),
        }),
      )
      .min(1)
      .max(25),
  })
  .superRefine(({ options, max_values, min_values }, context) => {
    const values = new Set(options.map(({ value }) => value));
    if (values.size < options.length)
      context.addIssue(
        breach(
          'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
          'The specified option value is already used',
          ['options'],
        ),
      );
    const most = max_values ?? 1;
    if (most > options.length || (min_values ?? 1) > most)
      context.addIssue(
        breach('SELECT_COMPONENT_MAX_VALUES_TOO_LARGE', 'Not so many options', ['max_values']),
      );
  });

/** A menu of members, roles, both, or channels. */
export const ENTITY_SELECT = z.object({
  type: z.literal([5, 6, 7, 8]),
  ...choosing,
  default_values: z
    .array(z.object({ id: SNOWFLAKE, type: z.string() }))
    .max(25)
    .nullish(),
  channel_types: z.array(z.number().int()).nullish(),
});
