import { z } from 'zod';
import { type Component, checkUnique } from './components.ts';
import { COMPONENT_ID, CUSTOM_ID, ENTITY_SELECT, STRING_SELECT } from './controls.ts';
import { text } from './text.ts';

const input = {
  type: z.literal(4),
  id: COMPONENT_ID,
  custom_id: CUSTOM_ID,
  style: z.literal([1, 2]),
  min_length: z.number().int().min(0).max(4000).nullish(),
  max_length: z.number().int().min(1).max(4000).nullish(),
  required: z.boolean().nullish(),
  value: text(4000).nullish(),
  placeholder: text(100).nullish(),
};

/** A text field in a row of its own names itself; in a label the label does. */
const LABELLED_INPUT = z.object({ ...input, label: text(45, 1) });
const INPUT = z.object(input);
const UPLOAD = z.object({
  type: z.literal(19),
  id: COMPONENT_ID,
  custom_id: CUSTOM_ID,
  min_values: z.number().int().min(0).max(10).nullish(),
  max_values: z.number().int().min(1).max(10).nullish(),
  required: z.boolean().nullish(),
});

const ROW = z.object({
  type: z.literal(1),
  id: COMPONENT_ID,
  components: z.array(LABELLED_INPUT).length(1),
});
const LABEL = z.object({
  type: z.literal(18),
  id: COMPONENT_ID,
  label: text(45, 1),
  description: text(100).nullish(),
  component: z.discriminatedUnion('type', [INPUT, STRING_SELECT, ENTITY_SELECT, UPLOAD]),
});
const TEXT_DISPLAY = z.object({ type: z.literal(10), id: COMPONENT_ID, content: text(4000, 1) });

/** A modal: a title, and one to five things to fill in. */
export const MODAL = z.object({
  custom_id: CUSTOM_ID,
  title: text(45, 1),
  components: z
    .array(z.discriminatedUnion('type', [ROW, LABEL, TEXT_DISPLAY]))
    .min(1)
    .max(5)
    .superRefine((list, context) => checkUnique(list as readonly Component[], context)),
});

export type Modal = z.output<typeof MODAL>;
