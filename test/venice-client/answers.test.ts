import { describe, expect, test } from 'vitest';
import {
  answer,
  connect,
  cut,
  failure,
  forever,
  HANDLE,
  json,
  KEY,
  LINE,
  readAll,
  SOUND,
  sound,
  stall,
  startProvider,
} from './provider.ts';

const signal = forever();

describe('speak', () => {
  test('sends every parameter under the provider’s name, and leaves out what is not given', async () => {
    await using provider = await startProvider(sound());
    await using venice = connect(provider);
    const full = { ...LINE, speed: 1.5, temperature: 0.8, language: 'en', streaming: true };
    await readAll((await venice.speak(full, { signal })).chunks);
    await readAll((await venice.speak(LINE, { signal })).chunks);
    const { model, voice, input } = LINE;
    const [first, second] = provider.seen.map(({ body }) => JSON.parse(body.toString()) as unknown);
    expect(second).toEqual({ model, voice, input, response_format: 'wav' });
    expect(first).toEqual({
      ...(second as object),
      speed: 1.5,
      temperature: 0.8,
      language: 'en',
      streaming: true,
    });
    expect(provider.seen[0]).toMatchObject({
      method: 'POST',
      path: '/audio/speech',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    });
  });

  test('hands out the sound as it arrives', async () => {
    const { promise: isRead, resolve: finish } = Promise.withResolvers<void>();
    await using provider = await startProvider((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.write('first');
      void isRead.then(() => response.end('second'));
    });
    await using venice = connect(provider);
    const { contentType, chunks } = await venice.speak(LINE, { signal });
    const reader = chunks[Symbol.asyncIterator]();
    expect(contentType).toBe('audio/mpeg');
    expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('first');
    finish();
    expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('second');
    expect(await reader.next()).toMatchObject({ done: true });
  });

  test('keeps its connections, also over refusals', async () => {
    const no = answer(400);
    await using provider = await startProvider(no, sound(), no, sound(), no, sound());
    await using venice = connect(provider);
    for (let call = 0; call < 3; call += 1) {
      await failure(venice.speak(LINE, { signal }));
      expect(await readAll((await venice.speak(LINE, { signal })).chunks)).toEqual(SOUND);
    }
    // A call right after another may find the first connection not yet free.
    expect(provider.connections).toBeLessThanOrEqual(2);
  });

  test.each([
    ['JSON', answer(200, { error: 'none' })],
    ['a page', answer(200, '<html>', { 'content-type': 'text/html' })],
    ['no sound at all', stallEnd('')],
  ])('calls %s with 200 a bad answer, paid for and not asked again', async (_, reply) => {
    await using provider = await startProvider(reply);
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({
      kind: 'bad-answer',
      isSpent: true,
    });
    expect(provider.seen).toHaveLength(1);
  });

  test('a body that is cut fails with network and is never asked for again', async () => {
    await using provider = await startProvider(cut('some'));
    await using venice = connect(provider);
    const { chunks } = await venice.speak(LINE, { signal });
    expect(await failure(readAll(chunks))).toMatchObject({ kind: 'network', isSpent: true });
    expect(provider.seen).toHaveLength(1);
  });

  test('a body shorter than it was to be fails with network', async () => {
    await using provider = await startProvider((response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': 100 });
      response.write('some');
      setTimeout(() => response.destroy(), 20);
    });
    await using venice = connect(provider);
    const { chunks } = await venice.speak(LINE, { signal });
    expect(await failure(readAll(chunks))).toMatchObject({ kind: 'network', isSpent: true });
  });

  test('leaving a body closes its connection, read or not', async () => {
    await using provider = await startProvider(stall('some'));
    await using venice = connect(provider, { timing: { idleMs: 5_000 } });
    const read = await venice.speak(LINE, { signal });
    for await (const _ of read.chunks) break;
    const unread = await venice.speak(LINE, { signal });
    await unread.chunks[Symbol.asyncIterator]().return?.();
    await Promise.all(provider.seen.map(({ left }) => left));
  });

  test.each(['', 'x'.repeat(4097)])(
    'refuses a text of the wrong length without a call',
    async (input) => {
      await using provider = await startProvider(sound());
      await using venice = connect(provider);
      const error = await failure(venice.speak({ ...LINE, input }, { signal }));
      expect(error).toMatchObject({ kind: 'rejected', isSpent: false });
      expect(provider.seen).toHaveLength(0);
    },
  );
});

describe('cloneVoice', () => {
  const clone = { model: 'tts-chatterbox-hd', wav: Buffer.from('RIFF') };

  test('uploads the model and the sample as a form', async () => {
    await using provider = await startProvider(json({ id: HANDLE, model: clone.model }));
    await using venice = connect(provider);
    expect(await venice.cloneVoice(clone, { signal })).toEqual({ id: HANDLE, model: clone.model });
    const [seen] = provider.seen;
    const headers = { 'content-type': seen?.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(seen?.body ?? []), { headers }).formData();
    const file = form.get('file') as File;
    expect([...form.keys()]).toEqual(['model', 'file']);
    expect(form.get('model')).toBe(clone.model);
    expect([file.name, file.type, await file.text()]).toEqual(['sample.wav', 'audio/wav', 'RIFF']);
  });

  test('tries twice at most, with the whole sample', async () => {
    await using provider = await startProvider(answer(503));
    await using venice = connect(provider);
    expect(await failure(venice.cloneVoice(clone, { signal }))).toMatchObject({ status: 503 });
    expect(provider.seen).toHaveLength(2);
    expect(provider.seen.every(({ body }) => body.includes('RIFF'))).toBe(true);
  });

  test.each([[{ id: 'somebody' }], [{ id: HANDLE }], ['no JSON']])(
    'calls %j a bad answer that may have cost something',
    async (body) => {
      await using provider = await startProvider(json(body));
      await using venice = connect(provider);
      const error = await failure(venice.cloneVoice(clone, { signal }));
      expect(error).toMatchObject({ kind: 'bad-answer', isSpent: true });
    },
  );
});

function stallEnd(body: string) {
  return answer(200, body, { 'content-type': 'audio/wav' });
}
