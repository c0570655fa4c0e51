import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { VeniceError } from '../../src/venice/errors.ts';
import { createHandles } from '../../src/voices/handles.ts';
import { openTemporary } from '../store/open.ts';

const CLONING = {
  containers: ['wav'],
  minSeconds: 5,
  retention: 'from-upload',
  retentionMs: 7 * DAY_MS,
  microUsd: undefined,
} as const;
const MODEL = { id: 'tts-chatterbox-hd', cloning: CLONING };

describe('a handle that the provider refuses', () => {
  test('is renewed, though a line was refused for its words days before', async () => {
    await using speaker = await start();
    expect(await speaker.say('words')).toBe('E_VOICE_REFUSED');
    expect(speaker.uploads).toBe(1);
    speaker.time.now += 2 * DAY_MS;
    speaker.loseHandle();
    expect(await speaker.say('later')).toBe('spoken');
    expect(speaker.uploads).toBe(2);
  });

  test('is renewed once in ten minutes, and its owner told after three lines', async () => {
    await using speaker = await start();
    for (const line of ['words 1', 'words 1', 'words 2', 'words 3', 'words 4'])
      expect(await speaker.say(line)).toBe('E_VOICE_REFUSED');
    expect(speaker.uploads).toBe(1);
    expect(speaker.events).toEqual(['voice-refused']);
    speaker.time.now += 10 * MINUTE_MS;
    expect(await speaker.say('words 5')).toBe('E_VOICE_REFUSED');
    expect(speaker.uploads).toBe(2);
    expect(speaker.events).toHaveLength(1);
    expect(await speaker.say('good')).toBe('spoken');
  });
});

/** A voice whose provider knows only its last handle, and refuses lines that begin with `words`. */
async function start() {
  const time = { now: Date.UTC(2026, 5, 15, 12) };
  const clock = () => time.now;
  const opened = await openTemporary({ clock });
  const id = await opened.addVoice('1', 'Me', Buffer.from('sample'));
  const events: string[] = [];
  let uploads = 0;
  let live = 'vv_test';
  const upload = () => {
    uploads += 1;
    live = `vv_${uploads}`;
    return Promise.resolve({ id: live, expiresAt: clock() + CLONING.retentionMs });
  };
  const { store } = opened;
  await store.voices.replaceHandle(id, { id: live, expiresAt: clock() + CLONING.retentionMs });
  const handles = createHandles({
    store,
    uploads: { upload },
    catalogue: { find: () => MODEL } as never,
    stopping: new AbortController().signal,
    onEvent: ({ type }) => events.push(type),
    clock,
    log: pino({ level: 'silent' }),
  });

  return {
    time,
    events,
    get uploads() {
      return uploads;
    },
    loseHandle(): void {
      live = 'none';
    },
    async say(line: string): Promise<string> {
      const owner = await store.members.refOf('1');
      const [voice] = await store.voices.list(owner);
      if (!voice) throw new Error('There is no voice');
      const speak = (handle: string) =>
        handle === live && !line.startsWith('words')
          ? Promise.resolve('spoken')
          : Promise.reject(new VeniceError('handle-dead', 'Refused', { status: 400 }));
      try {
        return await handles.use(voice, speak, { line, signal: AbortSignal.timeout(60_000) });
      } catch (error) {
        if (error instanceof UserError) return error.problem.code;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
