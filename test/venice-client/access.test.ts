import { describe, expect, test } from 'vitest';
import {
  answer,
  connect,
  failure,
  forever,
  hang,
  json,
  LINE,
  readAll,
  sound,
  startProvider,
} from './provider.ts';

const signal = forever();
const LIMITS = {
  data: {
    accessPermitted: true,
    apiTier: { id: 'paid', isCharged: true },
    balances: { USD: 12.5, DIEM: 3 },
    keyExpiration: null,
    nextEpochBegins: '2030-01-01T00:00:00.000Z',
    rateLimits: [
      { apiModelId: 'zai-org-glm-5-1', rateLimits: [{ amount: 20, type: 'RPM' }] },
      {
        apiModelId: 'tts-kokoro',
        rateLimits: [
          { amount: 120, type: 'RPM' },
          { amount: 5, type: 'RPD' },
        ],
      },
    ],
  },
};

const BARRED = { data: { ...LIMITS.data, accessPermitted: false } };

describe('lost access', () => {
  test('by 401 is told once, and again only after it came back', async () => {
    const told: string[] = [];
    const no = answer(401);
    await using provider = await startProvider(no, no, sound(), no);
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    expect(venice.status().access).toBe('unknown');
    await failure(venice.speak(LINE, { signal }));
    await failure(venice.speak(LINE, { signal }));
    expect(told).toEqual(['unauthorized']);
    expect(venice.status().access).toBe('unauthorized');
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.status().access).toBe('ok');
    await failure(venice.speak(LINE, { signal }));
    expect(told).toEqual(['unauthorized', 'unauthorized']);
  });

  test('is not shown by the public list of models', async () => {
    const told: string[] = [];
    await using provider = await startProvider(answer(401));
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    await failure(venice.readModels({ signal }));
    expect([told, venice.status().access]).toEqual([[], 'unknown']);
  });

  test('is shown by the readiness check, refused or not permitted', async () => {
    const told: string[] = [];
    await using provider = await startProvider(json(BARRED), json(LIMITS), answer(401));
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    await venice.readAccess({ signal });
    expect(venice.status().access).toBe('unauthorized');
    await venice.readAccess({ signal });
    expect(venice.status().access).toBe('ok');
    await failure(venice.readAccess({ signal }));
    expect(told).toEqual(['unauthorized', 'unauthorized']);
  });
});

describe('a 403', () => {
  test.each([
    ['finds the key good', json(LIMITS), 'model-unavailable', []],
    ['does not answer', answer(404), 'model-unavailable', []],
    ['finds the key barred', json(BARRED), 'forbidden', ['unauthorized']],
    ['is refused itself', answer(401), 'forbidden', ['unauthorized']],
  ])('where the readiness call %s', async (_, ready, kind, alarms) => {
    const told: string[] = [];
    await using provider = await startProvider(answer(403), ready, answer(403));
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    const errors = [
      await failure(venice.speak(LINE, { signal })),
      await failure(venice.cloneVoice({ model: LINE.model, wav: Buffer.from('RIFF') }, { signal })),
    ];
    for (const error of errors) expect(error).toMatchObject({ kind, status: 403, isSpent: false });
    expect(told).toEqual(alarms);
    // Which is asked once a minute, whatever it says.
    expect(provider.seen.map(({ path }) => path)).toEqual([
      '/audio/speech',
      '/api_keys/rate_limits',
      '/audio/voices',
    ]);
  });
});

describe('an empty balance', () => {
  const EMPTY = { data: { ...LIMITS.data, balances: { USD: 0, DIEM: 0 } } };
  const asked = (provider: { seen: readonly { path: string }[] }) =>
    provider.seen.map(({ path }) => path);

  test('stops the spending until the readiness call shows some, which is asked once a minute', async () => {
    let now = Date.now();
    const told: string[] = [];
    const replies = [answer(402), json(EMPTY), json(LIMITS), answer(402), json(LIMITS), sound()];
    await using provider = await startProvider(...replies);
    await using venice = connect(provider, {
      clock: () => now,
      onTrouble: (trouble) => told.push(trouble),
    });
    const speak = () => venice.speak(LINE, { signal });
    expect(await failure(speak())).toMatchObject({ kind: 'no-balance', status: 402 });
    const [first, second] = await Promise.all([failure(speak()), failure(speak())]);
    const refused = { kind: 'no-balance', status: undefined, isSpent: false };
    expect(first).toMatchObject({ ...refused, retryAt: now + 60_000 });
    expect(second).toMatchObject(refused);
    now += 59_999;
    expect(await failure(speak())).toMatchObject(refused);
    expect(asked(provider)).toEqual(['/audio/speech', '/api_keys/rate_limits']);
    expect(venice.status().access).toBe('no-balance');
    now += 1;
    // A limit of the key's own is no balance: the next call finds that nothing has changed.
    expect(await failure(speak())).toMatchObject({ status: 402 });
    expect(await failure(speak())).toMatchObject(refused);
    expect(asked(provider).slice(2)).toEqual(['/api_keys/rate_limits', '/audio/speech']);
    now += 60_000;
    await readAll((await speak()).chunks);
    expect([told, venice.status().access]).toEqual([['no-balance'], 'ok']);
  });

  test('is met once by those who queue, who then make no call', async () => {
    await using provider = await startProvider(
      ...Array.from({ length: 10 }, () => sound()),
      answer(402),
    );
    await using venice = connect(provider);
    for (let call = 0; call < 10; call += 1)
      await readAll((await venice.speak(LINE, { signal })).chunks);
    const errors = await Promise.all([1, 2].map(() => failure(venice.speak(LINE, { signal }))));
    expect(errors).toMatchObject([{ status: 402 }, { kind: 'no-balance', status: undefined }]);
    expect(provider.seen).toHaveLength(11);
  });

  test('does not hold up a member who leaves while it is asked', async () => {
    await using provider = await startProvider(answer(402), hang);
    await using venice = connect(provider, { timing: { firstByteMs: 5_000 } });
    await failure(venice.speak(LINE, { signal }));
    const controller = new AbortController();
    const speaking = failure(venice.speak(LINE, { signal: controller.signal }));
    await provider.until(2);
    controller.abort('skipped');
    expect(await speaking).toBe('skipped');
  });
});

describe('readAccess', () => {
  test('tells the balances and the rate of each speech model, which its limiter follows', async () => {
    await using provider = await startProvider(json(LIMITS));
    let now = Date.now();
    await using venice = connect(provider, { clock: () => now });
    expect(await venice.readAccess({ signal })).toEqual({
      accessPermitted: true,
      balances: { usd: 12.5, diem: 3 },
      keyExpiresAt: undefined,
    });
    now += 60_000;
    expect(venice.requestsLeft('tts-kokoro')).toBe(20);
    expect(venice.requestsLeft(LINE.model)).toBe(10);
  });

  test('calls what it does not know a bad answer', async () => {
    await using provider = await startProvider(json({ data: {} }));
    await using venice = connect(provider);
    const error = await failure(venice.readAccess({ signal }));
    expect(error).toMatchObject({ kind: 'bad-answer', isSpent: false });
  });
});

describe('readBalance', () => {
  test('is undefined for an inference key, asks once, and does not call the key bad', async () => {
    const told: string[] = [];
    await using provider = await startProvider(answer(401));
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    expect(await venice.readBalance({ signal })).toBeUndefined();
    expect(await venice.readBalance({ signal })).toBeUndefined();
    expect(provider.seen).toHaveLength(1);
    expect([told, venice.status().access]).toEqual([[], 'unknown']);
  });

  test('reads what an admin key may see', async () => {
    const balance = {
      canConsume: true,
      consumptionCurrency: 'USD',
      balances: { usd: 12, diem: null },
    };
    await using provider = await startProvider(json(balance));
    await using venice = connect(provider);
    expect(await venice.readBalance({ signal })).toEqual({
      canConsume: true,
      usd: 12,
      diem: undefined,
    });
  });
});

describe('the limiter', () => {
  test('follows the headers of audio calls, and of no others', async () => {
    const headers = {
      'x-ratelimit-limit-requests': '30',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': String(Math.ceil(Date.now() / 1000) + 30),
    };
    await using provider = await startProvider(answer(200, { data: [] }, headers), sound(headers));
    await using venice = connect(provider);
    await venice.readModels({ signal });
    expect(venice.requestsLeft(LINE.model)).toBe(10);
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.requestsLeft(LINE.model)).toBe(2);
  });
});
