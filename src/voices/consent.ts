import { createHash } from 'node:crypto';

/**
 * What a member agrees to before anything of theirs leaves Discord. Changing a word of it changes
 * its hash; raise the version with it, and everyone is asked again before the next clone.
 */
export const CONSENT_VERSION = '2026-11-2';

/** Whether that version of the text says that what was spoken is kept for a while. */
export function saysSoundIsKept(version: string): boolean {
  return version !== '2026-11-1';
}

/** The agreed text, in the order it is shown: a heading and what it says. */
export const CONSENT_TEXT: readonly (readonly [heading: string, body: string])[] = [
  [
    'Whose voice',
    'It is my own voice, and I am 18 or older. I do not clone anybody else, alive or dead.',
  ],
  [
    'What is stored, and where',
    'The recording goes to this bot and to Venice AI, which passes it to the company behind the chosen voice model. This bot stores the name of the voice, this agreement and, if you leave it on, the recording and for a while what was spoken with it; all sound is encrypted. The text you type is sent to Venice to be spoken and is not stored here.',
  ],
  [
    'How long',
    "Venice's copy lapses by itself within 7 days of the last upload; it cannot be deleted earlier. The bot's copy stays until you delete it.",
  ],
  [
    'Who can use it',
    'Only you, by typing. What is spoken is always marked as an AI voice with your name. Whoever hears or downloads it could copy it; no bot can prevent that.',
  ],
  [
    'How to undo it',
    '`/voices delete` removes one voice, `/privacy delete` removes everything of yours here. Both work at once, also in direct messages with the bot.',
  ],
];

/** SHA-256 of the exact text shown, in hexadecimal. */
export const CONSENT_SHA256 = createHash('sha256')
  .update(CONSENT_TEXT.map((part) => part.join('\n')).join('\n\n'))
  .digest('hex');
