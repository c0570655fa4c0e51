import { z } from 'zod';
import { breach } from '../form.ts';
import { BUTTON, COMPONENT_ID, ENTITY_SELECT, STRING_SELECT } from './controls.ts';
import { link, text } from './text.ts';

/** A row of up to five buttons, or of one menu alone. */
const ACTION_ROW = z
  .object({
    type: z.literal(1),
    id: COMPONENT_ID,
    components: z
      .array(z.discriminatedUnion('type', [BUTTON, STRING_SELECT, ENTITY_SELECT]))
      .min(1)
      .max(5),
  })
  .superRefine(({ components }, context) => {
    if (components.length > 1 && components.some(({ type }) => type !== 2))
      context.addIssue(
        breach(
          'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
          'The specified component exceeds the maximum width',
          ['components'],
        ),
      );
  });

const media = z.object({ url: link('http', 'https', 'attachment') });
const spoiler = { spoiler: z.boolean().nullish() };

const TEXT_DISPLAY = z.object({ type: z.literal(10), id: COMPONENT_ID, content: text(4000, 1) });
const THUMBNAIL = z.object({
  type: z.literal(11),
  id: COMPONENT_ID,
  media,
  description: text(1024).nullish(),
  ...spoiler,
});
const SECTION = z.object({
  type: z.literal(9),
  id: COMPONENT_ID,
  components: z.array(TEXT_DISPLAY).min(1).max(3),
  accessory: z.discriminatedUnion('type', [BUTTON, THUMBNAIL]),
});
const GALLERY = z.object({
  type: z.literal(12),
  id: COMPONENT_ID,
  items: z
    .array(z.object({ media, description: text(1024).nullish(), ...spoiler }))
    .min(1)
    .max(10),
});
const FILE = z.object({
  type: z.literal(13),
  id: COMPONENT_ID,
  file: z.object({ url: link('attachment') }),
  ...spoiler,
});
const SEPARATOR = z.object({
  type: z.literal(14),
  id: COMPONENT_ID,
  divider: z.boolean().nullish(),
  spacing: z.literal([1, 2]).nullish(),
});
const CONTAINED = [ACTION_ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR] as const;
const CONTAINER = z.object({
  type: z.literal(17),
  id: COMPONENT_ID,
  components: z.array(z.discriminatedUnion('type', CONTAINED)).min(1),
  accent_color: z.number().int().min(0).max(0xffffff).nullish(),
  ...spoiler,
});

/** A component with whatever it holds, for walking through. */
export interface Component {
  readonly type: number;
  readonly custom_id?: string | null;
  readonly content?: string;
  readonly components?: readonly Component[];
  readonly accessory?: Component;
  readonly component?: Component;
}

/** This component and all inside it. */
export function walk(component: Component): Component[] {
  const { components = [], accessory, component: labelled } = component;
  const inside = [
    ...components,
    ...(accessory ? [accessory] : []),
    ...(labelled ? [labelled] : []),
  ];
  return [component, ...inside.flatMap(walk)];
}

/** The custom ids of one message or modal must differ. */
export function checkUnique(
  components: readonly Component[],
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const { custom_id } of components.flatMap(walk)) {
    if (!custom_id) continue;
    if (seen.has(custom_id))
      context.addIssue(
        breach('COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated'),
      );
    seen.add(custom_id);
  }
}

/** The components of a message without the flag for Components V2: rows alone, at most five. */
export const CLASSIC_COMPONENTS = z
  .array(ACTION_ROW)
  .max(5)
  .superRefine((rows, context) => checkUnique(rows as readonly Component[], context));

/** The components of a message with the flag: at most 40 with all that is nested, 4000 characters. */
export const LAYOUT_COMPONENTS = z
  .array(z.discriminatedUnion('type', [...CONTAINED, CONTAINER]))
  .min(1)
  .superRefine((list, context) => {
    const components = list as readonly Component[];
    checkUnique(components, context);
    const all = components.flatMap(walk);
    if (all.length > 40)
      context.addIssue(
        breach('COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', 'Must be 40 or fewer components'),
      );
    const texts = all.map(({ type, content }) => (type === 10 ? (content ?? '') : ''));
    if ([...texts.join('')].length > 4000)
      context.addIssue(
        breach(
          'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
          'Displayable text exceeds 4000 characters',
        ),
      );
  });
