import { z } from 'zod';
import { breach } from '../form.ts';
import { text } from './text.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const BAD_NAME = breach('APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');

const LOWER_NAME = z.string().superRefine((name, context) => {
  if (!NAME.test(name) || name !== name.toLowerCase()) context.addIssue(BAD_NAME);
});
const localized = (value: z.ZodType<string>) => z.record(z.string(), value).nullish();
const DESCRIPTION = text(100, 1);

const named = {
  name: LOWER_NAME,
  name_localizations: localized(LOWER_NAME),
  description: DESCRIPTION,
  description_localizations: localized(DESCRIPTION),
};

const choice = <T extends z.ZodType>(value: T) =>
  z.object({ name: text(100, 1), name_localizations: localized(text(100, 1)), value });
const choices = <T extends z.ZodType>(value: T) => z.array(choice(value)).max(25).nullish();
const option = { ...named, required: z.boolean().nullish() };

/** Choices and autocomplete exclude each other. */
function noBoth(
  value: {
    autocomplete?: boolean | null | undefined;
    choices?: readonly unknown[] | null | undefined;
  },
  context: z.core.$RefinementCtx,
): void {
  if (value.autocomplete && value.choices?.length)
    context.addIssue(
      breach(
        'APPLICATION_COMMAND_OPTION_CHOICES_AUTOCOMPLETE',
        'Choices cannot be used with autocomplete',
        ['choices'],
      ),
    );
}

const STRING = z
  .object({
    type: z.literal(3),
    ...option,
    choices: choices(text(100)),
    autocomplete: z.boolean().nullish(),
    min_length: z.number().int().min(0).max(6000).nullish(),
    max_length: z.number().int().min(1).max(6000).nullish(),
  })
  .superRefine(noBoth);
const numeric = (type: 4 | 10, value: z.ZodNumber) =>
  z
    .object({
      type: z.literal(type),
      ...option,
      choices: choices(value),
      autocomplete: z.boolean().nullish(),
      min_value: value.nullish(),
      max_value: value.nullish(),
    })
    .superRefine(noBoth);
const PLAIN = z.object({ type: z.literal([5, 6, 8, 9, 11]), ...option });
const CHANNEL = z.object({
  type: z.literal(7),
  ...option,
  channel_types: z.array(z.number().int()).nullish(),
});

const VALUES = z
  .array(
    z.discriminatedUnion('type', [
      STRING,
      numeric(4, z.int()),
      numeric(10, z.number()),
      PLAIN,
      CHANNEL,
    ]),
  )
  .max(25)
  .superRefine((options, context) => {
    const firstOptional = options.findIndex(({ required }) => !required);
    options.forEach(({ required }, index) => {
      if (required && firstOptional !== -1 && index > firstOptional)
        context.addIssue(
          breach(
            'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
            'Required options must be placed before non-required options',
            [index],
          ),
        );
    });
    checkNames(options, context);
  });

const SUBCOMMAND = z.object({ type: z.literal(1), ...named, options: VALUES.nullish() });
const GROUP = z.object({
  type: z.literal(2),
  ...named,
  options: z.array(SUBCOMMAND).min(1).max(25).superRefine(checkNames),
});
const SUBCOMMANDS = z
  .array(z.discriminatedUnion('type', [SUBCOMMAND, GROUP]))
  .max(25)
  .superRefine(checkNames);

function checkNames(options: readonly { name: string }[], context: z.core.$RefinementCtx): void {
  if (new Set(options.map(({ name }) => name)).size < options.length)
    context.addIssue(
      breach('APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED', 'Option name is already used'),
    );
}

const place = {
  default_member_permissions: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((bits) => /^\d+$/.test(bits), 'Not a well formed permission bit set.')
    .nullish(),
  dm_permission: z.boolean().nullish(),
  contexts: z
    .array(z.literal([0, 1, 2]))
    .min(1)
    .superRefine(checkSet)
    .nullish(),
  integration_types: z
    .array(z.literal([0, 1]))
    .min(1)
    .superRefine(checkSet)
    .nullish(),
  nsfw: z.boolean().nullish(),
};

function checkSet(values: readonly unknown[], context: z.core.$RefinementCtx): void {
  if (new Set(values).size < values.length)
    context.addIssue(breach('SET_TYPE_ALREADY_CONTAINS_VALUE', 'The set already contains a value'));
}

const hasSubcommands = (options: unknown): boolean =>
  Array.isArray(options) &&
  options.some((one: { type?: unknown }) => one?.type === 1 || one?.type === 2);

const slash = <T extends z.ZodType>(options: T) =>
  z.object({ type: z.literal(1).default(1), ...named, ...place, options: options.nullish() });
const WITH_VALUES = slash(VALUES);
const WITH_SUBCOMMANDS = slash(SUBCOMMANDS);
/** A context menu of members or messages has a name and nothing more. */
const MENU = z.object({
  type: z.literal([2, 3]),
  name: text(32, 1),
  name_localizations: localized(text(32, 1)),
  description: z.literal('').nullish(),
  ...place,
});

/** Picks the rules that fit the body, so that an error stands where Discord puts it. */
export function commandRules(body: unknown) {
  const { type, options } = (body ?? {}) as { type?: unknown; options?: unknown };
  if (type === 2 || type === 3) return MENU;
  return hasSubcommands(options) ? WITH_SUBCOMMANDS : WITH_VALUES;
}
