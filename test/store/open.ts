import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { NewVoice } from '../../src/store/new-voice.ts';
import { openStore, type Store } from '../../src/store/store.ts';

/** A store in a folder of its own, and the means to make voices in it. */
export interface OpenedStore extends AsyncDisposable {
  readonly path: string;
  store: Store;
  close(): Promise<void>;
  reopen(): Promise<void>;
  /** All that a voice needs, with a consent given for it. */
  newVoice(userId: string, name: string): Promise<NewVoice>;
  addVoice(userId: string, name: string, sample?: Uint8Array, handle?: string): Promise<string>;
}

export async function openTemporary(
  options: { clock?: () => number; cacheBytes?: number } = {},
): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const path = join(folder, 'myna.db');
  const clock = options.clock ?? Date.now;
  const { cacheBytes = 0 } = options;
  const open = () =>
    openStore({ path, masterKey: undefined, cacheBytes, clock, log: pino({ level: 'silent' }) });
  let isOpen = true;
  const opened: OpenedStore = {
    path,
    store: await open(),
    async close() {
      if (isOpen) await opened.store[Symbol.asyncDispose]();
      isOpen = false;
    },
    async reopen() {
      await opened.close();
      opened.store = await open();
      isOpen = true;
    },
    async newVoice(userId, name) {
      const { store } = opened;
      const owner = await store.members.refOf(userId);
      const consent = await store.consents.record({
        member: owner,
        version: '1',
        textSha256: 'a'.repeat(64),
        keepsSample: true,
        guildId: undefined,
        locale: 'en-US',
        interactionId: '1',
        at: clock(),
      });
      return {
        id: randomUUID(),
        owner,
        consent: consent.id,
        name,
        model: 'tts-chatterbox-hd',
        language: undefined,
        retention: 'from-upload',
        handle: { id: 'vv_test', expiresAt: clock() + 1000 },
        sample: undefined,
        sampleSeconds: 10,
        replaces: undefined,
      };
    },
    async addVoice(userId, name, sample, handle = 'vv_test') {
      const voice = await opened.newVoice(userId, name);
      const { expiresAt } = voice.handle;
      const { id } = await opened.store.voices.create({
        ...voice,
        sample,
        handle: { id: handle, expiresAt },
      });
      return id;
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return opened;
}
