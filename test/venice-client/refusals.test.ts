import { describe, expect, test } from 'vitest';
import { readComplaint, VeniceError } from '../../src/venice/errors.ts';
import { problemOf } from '../../src/venice/problem.ts';
import { answer, connect, failure, forever, KEY, LINE, startProvider } from './provider.ts';

const STOCK = { ...LINE, model: 'tts-kokoro', voice: 'af_sky' };
const signal = forever();

describe('a refusal', () => {
  test.each([
    [400, 'rejected', 'E_PROVIDER_REJECTED', 1],
    [401, 'unauthorized', 'E_PROVIDER_ACCESS', 1],
    [402, 'no-balance', 'E_PROVIDER_BALANCE', 1],
    [403, 'forbidden', 'E_PROVIDER_ACCESS', 1],
    [404, 'model-unavailable', 'E_PROVIDER_MODEL', 1],
    [410, 'model-unavailable', 'E_PROVIDER_MODEL', 1],
    [413, 'too-large', 'E_PROVIDER_BIG', 1],
    [415, 'not-understood', 'E_PROVIDER_REJECTED', 1],
    [422, 'not-understood', 'E_PROVIDER_REJECTED', 1],
    [429, 'rate-limited', 'E_PROVIDER_BUSY', 1],
    [500, 'unavailable', 'E_PROVIDER_DOWN', 3],
    [502, 'unavailable', 'E_PROVIDER_DOWN', 3],
    [503, 'unavailable', 'E_PROVIDER_DOWN', 3],
    [504, 'unavailable', 'E_PROVIDER_DOWN', 3],
  ] as const)(
    'with %i is %s, for members %s, after %i calls',
    async (status, kind, code, calls) => {
      await using provider = await startProvider(answer(status));
      await using venice = connect(provider);
      const error = await failure(venice.speak(STOCK, { signal }));
      expect(error).toBeInstanceOf(VeniceError);
      expect(error).toMatchObject({ kind, status, isSpent: status === 504 });
      expect(problemOf(error as VeniceError, Date.now()).code).toBe(code);
      const speaking = provider.seen.filter(({ path }) => path === '/audio/speech');
      expect(speaking).toHaveLength(calls);
    },
  );

  test.each([
    ['Voice handle is unknown or has expired'],
    [{ error: 'Invalid request parameters', details: { voice: { _errors: ['Unknown'] } } }],
    [{ error: 'Invalid input: the voice does not exist' }],
    [{ error: { message: 'Voice is not compatible with this model', param: 'voice' } }],
    [{ error: 'Bad request' }],
    ['not even JSON'],
  ])('of one of our handles, saying %j, means that the handle is dead', async (body) => {
    await using provider = await startProvider(answer(400, body));
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({ kind: 'handle-dead' });
    expect(provider.seen).toHaveLength(1);
  });

  test.each([
    [{ error: 'Unsupported response_format for this voice, supported: wav' }],
    [{ error: 'Unsupported audio format mp3. Supported formats: wav' }],
    [{ error: { message: 'mp3 cannot be made', param: 'response_format', code: null } }],
    [{ error: 'Invalid request parameters', issues: [{ path: ['input'], message: 'too long' }] }],
    [{ error: 'Invalid request parameters', details: { speed: { _errors: ['out of range'] } } }],
    [{ error: 'temperature must be at most 2' }],
    [{ error: 'Invalid language "fr" for model "tts-minimax-speech-02-hd".' }],
  ])('blaming another parameter, with %j, does not', async (body) => {
    await using provider = await startProvider(answer(400, body));
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({ kind: 'rejected' });
  });

  test('that cannot be read to its end blames no handle', async () => {
    await using provider = await startProvider((response) => {
      response.writeHead(400, { 'content-length': 100 });
      response.write('{"error": "voi');
      setTimeout(() => response.destroy(), 20);
    });
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({ kind: 'rejected' });
  });

  test('of a stock voice never means that a handle is dead', async () => {
    await using provider = await startProvider(answer(400, { error: 'Unknown voice' }));
    await using venice = connect(provider);
    expect(await failure(venice.speak(STOCK, { signal }))).toMatchObject({ kind: 'rejected' });
  });

  test('without end is read up to a limit', async () => {
    await using provider = await startProvider((response) => {
      response.writeHead(422);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({ status: 422 });
    await provider.seen[0]?.left;
  });

  test('is named by the provider’s code and id, and by nothing else it says', async () => {
    await using provider = await startProvider(
      answer(
        402,
        { error: `${KEY} is empty`, code: 'INSUFFICIENT_BALANCE' },
        { 'cf-ray': '8f-AMS' },
      ),
    );
    await using venice = connect(provider);
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({
      message: 'POST /audio/speech was answered with 402 (INSUFFICIENT_BALANCE)',
      requestId: '8f-AMS',
    });
  });
});

describe('readComplaint', () => {
  test.each([
    ['{"error":"no","code":"PAYLOAD_TOO_LARGE"}', 'PAYLOAD_TOO_LARGE'],
    ['{"error":"no","details":"RATE_LIMIT_EXCEEDED"}', 'RATE_LIMIT_EXCEEDED'],
    ['{"error":{"message":"no","code":"MODEL_OVERLOADED"}}', 'MODEL_OVERLOADED'],
    ['{"error":"SHOUTED WORDS"}', undefined],
    ['{"error":"no","code":"words of a member"}', undefined],
    ['null', undefined],
    ['', undefined],
  ])('finds in %s the code %s', (body, code) => {
    expect(readComplaint(body).code).toBe(code);
  });
});
