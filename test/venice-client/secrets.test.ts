import { inspect } from 'node:util';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import {
  answer,
  connect,
  cut,
  failure,
  forever,
  HANDLE,
  hang,
  hangUp,
  json,
  KEY,
  LINE,
  type Reply,
  startProvider,
  TEXT,
} from './provider.ts';

const signal = forever();
const SECRETS = [KEY, HANDLE, TEXT];
const QUOTING = SECRETS.join(' ');

describe('an error tells neither key, handle nor text', () => {
  test.each<[string, Reply]>([
    ['a refusal that quotes them', answer(400, { error: QUOTING, details: { voice: QUOTING } })],
    ['a refusal in another shape', answer(422, { error: { message: QUOTING, code: QUOTING } })],
    ['a page that quotes them', answer(200, QUOTING, { 'content-type': 'text/html' })],
    ['headers that quote them', answer(500, {}, { 'cf-ray': QUOTING, 'x-echo': QUOTING })],
    ['a cut connection', cut()],
    ['a connection that is hung up', hangUp],
    ['silence', hang],
    ['what is not HTTP', (response) => void response.socket?.end(`${QUOTING}\r\n\r\n`)],
  ])('after %s', async (_, reply) => {
    await using provider = await startProvider(reply);
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    await using venice = connect(provider, { log });
    const error = await failure(venice.speak(LINE, { signal }));
    log.error({ err: error }, 'failed');
    expectNoSecret([inspect(error, { depth: 20, showHidden: true }), ...lines]);
  });

  test.each([['no JSON'], ['a handle of an unknown kind']])(
    'after a clone answered with %s',
    async () => {
      await using provider = await startProvider(json(QUOTING));
      await using venice = connect(provider);
      const request = { model: 'tts-chatterbox-hd', wav: Buffer.from('RIFF') };
      const error = await failure(venice.cloneVoice(request, { signal }));
      expectNoSecret([inspect(error, { depth: 20, showHidden: true })]);
    },
  );

  test('nor does the client itself', async () => {
    await using venice = connect({ url: 'http://127.0.0.1:9' });
    expectNoSecret([inspect(venice, { depth: 20, showHidden: true })]);
  });
});

function expectNoSecret(texts: readonly string[]): void {
  for (const secret of SECRETS) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
}
