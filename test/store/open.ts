import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../src/store/store.ts';

/** A store in a folder of its own, and the means to make voices in it. */
export interface OpenedStore extends AsyncDisposable {
  readonly path: string;
  store: Store;
  close(): Promise<void>;
  reopen(): Promise<void>;
  addVoice(userId: string, name: string, sample?: Uint8Array, handle?: string): Promise<string>;
}

export async function openTemporary(options: { clock?: () => number } = {}): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const path = join(folder, 'myna.db');
  const clock = options.clock ?? Date.now;
  const open = () => openStore({ path, masterKey: undefined, clock });
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
    async addVoice(userId, name, sample, handle = 'vv_test') {
      const { store } = opened;
      const owner = await store.members.refOf(userId);
      const consent = await store.consents.record({
        member: owner,
        version: '1',
        textSha256: 'a'.repeat(64),
        keepsSample: sample !== undefined,
        guildId: undefined,
        locale: 'en-US',
        interactionId: '1',
        at: clock(),
      });
      const voice = await store.voices.create({
        owner,
        consent: consent.id,
        name,
        model: 'tts-chatterbox-hd',
        language: undefined,
        retention: 'from-upload',
        handle: { id: handle, expiresAt: clock() + 1000 },
        sample,
        sampleSeconds: 10,
        replaces: undefined,
      });
      return voice.id;
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return opened;
}
