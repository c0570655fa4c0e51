import type { APIAttachment, APIEmbed, APIMessage } from 'discord.js';
import { tidy } from '../cdn.ts';
import { userJson } from '../wire/user.ts';
import { FLAGS } from '../world/messages.ts';
import type { Channel, World } from '../world/world.ts';
import { refuse } from './api-error.ts';
import { invalidForm } from './form.ts';
import type { SentFile } from './request.ts';
import { type MessageForm, type MessageWay, readMessage } from './rules/message.ts';

/** Flags the bot may set, by how the message comes to be. */
const SETTABLE = {
  create: FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.voice | FLAGS.layout,
  interaction: FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.ephemeral | FLAGS.layout,
  edit: FLAGS.suppressEmbeds | FLAGS.layout,
} as const satisfies Record<MessageWay, number>;

/**
 * Turns a checked body into the fields of a message, keeping its files on the CDN. An edit starts
 * from the message as it is; what the body does not name stays.
 * @throws ApiError 50006 if nothing would be left to see, and what `readMessage` throws.
 */
export function composeMessage(
  world: World,
  sent: { body: unknown; files: readonly SentFile[] },
  options: { way: MessageWay; channel: Channel; existing?: APIMessage | undefined },
): Partial<APIMessage> {
  const { way, channel, existing } = options;
  const kept = existing?.flags ?? 0;
  const form = readMessage(sent.body, sent.files, { way, isLayout: (kept & FLAGS.layout) !== 0 });
  const set = (form.flags ?? 0) & SETTABLE[way];
  const flags = (kept & ~FLAGS.loading) | set;
  const folder = (flags & FLAGS.ephemeral) !== 0 ? 'ephemeral-attachments' : 'attachments';
  const attachments = attach(world, form, sent.files, {
    folder,
    channelId: channel.id,
    kept: existing?.attachments ?? [],
  });
  const content =
    form.content === undefined ? (existing?.content ?? '') : (form.content ?? '').trim();
  const fields: Partial<APIMessage> = {
    content,
    flags,
    attachments,
    embeds: form.embeds === undefined ? (existing?.embeds ?? []) : embed(form, attachments),
    components: (form.components === undefined
      ? (existing?.components ?? [])
      : (form.components ?? [])) as NonNullable<APIMessage['components']>,
    ...mentioned(world, channel, content, form),
    ...(form.nonce == null || way !== 'create' ? {} : { nonce: form.nonce }),
  };
  const { embeds, components } = fields;
  if (
    content === '' &&
    !attachments.length &&
    !embeds?.length &&
    !components?.length &&
    !form.sticker_ids?.length
  )
    throw refuse('emptyMessage');
  return fields;
}

/** Joins what is kept of the old files with the new ones; a list in the body decides, if there is one. */
function attach(
  world: World,
  form: MessageForm,
  files: readonly SentFile[],
  options: {
    folder: 'attachments' | 'ephemeral-attachments';
    channelId: string;
    kept: readonly APIAttachment[];
  },
): APIAttachment[] {
  const byIndex = new Map(
    files.map((file, place) => [/\d+/.exec(file.field)?.[0] ?? String(place), file]),
  );
  const listed = form.attachments ?? undefined;
  const kept = options.kept.filter(({ id }) => listed?.some((one) => one.id === id) ?? true);
  const errors = (listed ?? [])
    .map(({ id }, place) => ({ id, place }))
    .filter(({ id }) => !byIndex.has(id) && !kept.some((one) => one.id === id))
    .map(({ place }) => ({
      path: ['attachments', place, 'id'],
      code: 'MESSAGE_ATTACHMENT_NOT_FOUND',
      message: 'The attachment is not among the files',
    }));
  if (errors.length > 0) throw invalidForm(errors);
  const added = [...byIndex].map(([index, file]): APIAttachment => {
    const about = listed?.find(({ id }) => id === index);
    const filename = tidy(about?.filename ?? file.filename);
    const { contentType } = file;
    const { folder, channelId } = options;
    const url = world.cdn.put(file.bytes, { filename, contentType, channelId, folder });
    return {
      id: world.nextId(),
      filename,
      size: file.bytes.length,
      url,
      proxy_url: url,
      content_type: contentType,
      ...(about?.title ? { title: about.title } : {}),
      ...(about?.description ? { description: about.description } : {}),
      ...(about?.duration_secs == null ? {} : { duration_secs: about.duration_secs }),
      ...(about?.waveform ? { waveform: about.waveform } : {}),
      ...(folder === 'attachments' ? {} : { ephemeral: true }),
    };
  });
  return [...kept, ...added];
}

/** Links of the form `attachment://name` become links to the file. */
function embed({ embeds }: MessageForm, attachments: readonly APIAttachment[]): APIEmbed[] {
  const text = JSON.stringify(embeds ?? []).replace(/"attachment:\/\/([^"]+)"/g, (whole, name) => {
    const file = attachments.find(({ filename }) => filename === name);
    return file ? JSON.stringify(file.url) : whole;
  });
  return (JSON.parse(text) as APIEmbed[]).map((one) => ({ ...one, type: 'rich' }) as APIEmbed);
}

/** Who is pinged: what the text mentions, as far as `allowed_mentions` lets it. */
function mentioned(world: World, channel: Channel, content: string, form: MessageForm) {
  const allowed = form.allowed_mentions;
  const may = (kind: 'users' | 'roles', id: string) =>
    !allowed || allowed.parse?.includes(kind) || allowed[kind]?.includes(id) || false;
  const ids = (pattern: RegExp) => [...content.matchAll(pattern)].map(([, id = '']) => id);
  const users = ids(/<@!?(\d+)>/g).flatMap((id) => world.users.get(id) ?? []);
  const roles = world.guilds.get(channel.guildId ?? '')?.roles;
  return {
    mentions: users.filter(({ id }) => may('users', id)).map(userJson),
    mention_roles: ids(/<@&(\d+)>/g).filter((id) => roles?.has(id) && may('roles', id)),
    mention_everyone:
      /@(everyone|here)\b/.test(content) &&
      (!allowed || (allowed.parse?.includes('everyone') ?? false)),
  };
}
