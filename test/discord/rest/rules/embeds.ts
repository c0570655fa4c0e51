import { z } from 'zod';
import { breach } from '../form.ts';
import { link, text } from './text.ts';

const picture = z.object({ url: link('http', 'https', 'attachment') });

const EMBED = z
  .object({
    title: text(256).nullish(),
    type: z.string().nullish(),
    description: text(4096).nullish(),
    url: link('http', 'https').nullish(),
    timestamp: z.iso.datetime({ offset: true }).nullish(),
    color: z.number().int().min(0).max(0xffffff).nullish(),
    footer: z
      .object({ text: text(2048), icon_url: link('http', 'https', 'attachment').nullish() })
      .nullish(),
    image: picture.nullish(),
    thumbnail: picture.nullish(),
    author: z.object({ name: text(256), url: link('http', 'https').nullish() }).nullish(),
    fields: z
      .array(
        z.object({ name: text(256, 1), value: text(1024, 1), inline: z.boolean().default(false) }),
      )
      .max(25)
      .nullish(),
  })
  .superRefine((embed, context) => {
    const { title, description, fields, image, thumbnail, author, footer } = embed;
    if (!title && !description && !fields?.length && !image && !thumbnail && !author && !footer)
      context.addIssue(breach('BASE_TYPE_REQUIRED', 'This field is required', ['description']));
  });

/** The embeds of a message: at most ten, and 6000 characters in all. */
export const EMBEDS = z
  .array(EMBED)
  .max(10)
  .superRefine((embeds, context) => {
    const texts = embeds.flatMap(({ title, description, footer, author, fields }) => [
      title,
      description,
      footer?.text,
      author?.name,
      ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
    ]);
    if ([...texts.join('')].length > 6000)
      context.addIssue(
        breach('MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000'),
      );
  });
