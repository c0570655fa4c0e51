import { z } from 'zod';
import { FLAGS } from '../../world/messages.ts';
import { refuse } from '../api-error.ts';
import { breach, invalidForm, readForm } from '../form.ts';
import type { SentFile } from '../request.ts';
import { CLASSIC_COMPONENTS, LAYOUT_COMPONENTS } from './components.ts';
import { EMBEDS } from './embeds.ts';
import { checkFiles } from './files.ts';
import { SNOWFLAKE, text } from './text.ts';

const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_FILES = 10;
const MAX_WAVEFORM_BYTES = 256;

const ids = z.array(SNOWFLAKE).max(100).nullish();

const ALLOWED_MENTIONS = z
  .object({
    parse: z.array(z.literal(['roles', 'users', 'everyone'])).nullish(),
    roles: ids,
    users: ids,
    replied_user: z.boolean().nullish(),
  })
  .superRefine(({ parse, roles, users }, context) => {
    for (const [name, list] of Object.entries({ roles, users }))
      if (list?.length && parse?.some((one) => one === name))
        context.addIssue(
          breach(
            'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
            `parse:["${name}"] and ${name}:[ids...] are mutually exclusive.`,
          ),
        );
  });

const ATTACHMENT = z.object({
  id: SNOWFLAKE,
  filename: text(1024, 1).nullish(),
  title: text(1024).nullish(),
  description: text(1024).nullish(),
  duration_secs: z.number().min(0).max(2_147_483_647).nullish(),
  waveform: text(400).nullish(),
});

const MESSAGE = z.object({
  content: text(2000).nullish(),
  tts: z.boolean().nullish(),
  embeds: EMBEDS.nullish(),
  allowed_mentions: ALLOWED_MENTIONS.nullish(),
  attachments: z.array(ATTACHMENT).max(MAX_FILES).nullish(),
  components: z.array(z.unknown()).nullish(),
  flags: z.number().int().nullish(),
  message_reference: z.looseObject({ message_id: SNOWFLAKE.nullish() }).nullish(),
  sticker_ids: z.array(SNOWFLAKE).max(3).nullish(),
  nonce: z.union([z.number().int(), text(25)]).nullish(),
  enforce_nonce: z.boolean().nullish(),
});

/** What the bot wants a message to be, once it is found to be allowed. */
export type MessageForm = z.output<typeof MESSAGE>;

/** Ways for a message to come to be; they differ in which flags may be set. */
export type MessageWay = 'create' | 'interaction' | 'edit';

/**
 * Reads the body of a message.
 * @param options.isLayout whether the message edited is one of Components V2 already.
 * @throws ApiError 50035, 40005, 50159, 50160, 50161.
 */
export function readMessage(
  body: unknown,
  files: readonly SentFile[],
  options: { way: MessageWay; isLayout?: boolean },
): MessageForm {
  const form = readForm(MESSAGE, body ?? {});
  const flags = form.flags ?? 0;
  if (files.length > MAX_FILES)
    throw invalidForm([
      { path: ['files'], code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 10 or fewer in length.' },
    ]);
  if (files.some(({ bytes }) => bytes.length > MAX_FILE_BYTES)) throw refuse('tooLarge');
  const isLayout = options.isLayout || (flags & FLAGS.layout) !== 0;
  if (isLayout) checkLayout(form);
  if ((flags & FLAGS.voice) !== 0) checkVoice(form, files, options.way);
  checkFiles(files);
  if (!form.components) return form;
  const rules = isLayout && form.components.length > 0 ? LAYOUT_COMPONENTS : CLASSIC_COMPONENTS;
  const { components } = readForm(z.object({ components: rules }), form);
  return { ...form, components };
}

/** With Components V2 a message has no text and no embeds of its own. */
function checkLayout({ content, embeds, sticker_ids }: MessageForm): void {
  const code = 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2';
  const message = 'The field cannot be used when using MessageFlags.IS_COMPONENTS_V2';
  const used = { content, embeds, sticker_ids };
  const errors = Object.entries(used)
    .filter(([, value]) => (value?.length ?? 0) > 0)
    .map(([name]) => ({ path: [name], code, message }));
  if (errors.length > 0) throw invalidForm(errors);
}

/** A voice message is one Ogg Opus file, announced as audio, with its length and waveform, made by Create Message. */
function checkVoice(form: MessageForm, files: readonly SentFile[], way: MessageWay): void {
  if (way !== 'create')
    throw invalidForm([
      {
        path: ['flags'],
        code: 'BASE_TYPE_BAD',
        message: 'IS_VOICE_MESSAGE can only be set with Create Message',
      },
    ]);
  if (form.content || form.embeds?.length || form.components?.length || form.sticker_ids?.length)
    throw refuse('voiceHasMore');
  const [file, ...more] = files;
  const isAudio = file?.contentType.startsWith('audio/') && isOggOpus(file.bytes);
  if (!isAudio || more.length > 0) throw refuse('voiceNeedsOneFile');
  const [attachment] = form.attachments ?? [];
  if (attachment?.duration_secs == null || !attachment.waveform) throw refuse('voiceNeedsMetadata');
  const { waveform } = attachment;
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(waveform) && waveform.length % 4 === 0;
  if (!isBase64 || Buffer.from(waveform, 'base64').length > MAX_WAVEFORM_BYTES)
    throw invalidForm([
      {
        path: ['attachments', 0, 'waveform'],
        code: 'BASE_TYPE_BAD',
        message: 'Not a waveform of up to 256 bytes in base64',
      },
    ]);
}

function isOggOpus(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return head.startsWith('OggS') && head.includes('OpusHead');
}
