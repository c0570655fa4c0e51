import { describe, expect, test } from 'vitest';
import {
  answer,
  connect,
  failure,
  forever,
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

describe('lost access', () => {
  test.each([401, 403])('by %i is told once, and again only after it came back', async (status) => {
    const told: string[] = [];
    const no = answer(status);
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
    const barred = { data: { ...LIMITS.data, accessPermitted: false } };
    await using provider = await startProvider(json(barred), json(LIMITS), answer(401));
    await using venice = connect(provider, { onTrouble: (trouble) => told.push(trouble) });
    await venice.readAccess({ signal });
    expect(venice.status().access).toBe('unauthorized');
    await venice.readAccess({ signal });
    expect(venice.status().access).toBe('ok');
    await failure(venice.readAccess({ signal }));
    expect(told).toEqual(['unauthorized', 'unauthorized']);
  });
});

describe('an empty balance', () => {
  test('stops the spending for ten minutes, without a call', async () => {
    let now = Date.now();
    const told: string[] = [];
    await using provider = await startProvider(answer(402), sound());
    await using venice = connect(provider, {
      clock: () => now,
      onTrouble: (trouble) => told.push(trouble),
    });
    const emptyAt = now;
    await failure(venice.speak(LINE, { signal }));
    now += 599_999;
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'no-balance', isSpent: false, retryAt: emptyAt + 600_000 });
    expect(provider.seen).toHaveLength(1);
    expect([told, venice.status().access]).toEqual([['no-balance'], 'no-balance']);
    now += 1;
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.status().access).toBe('ok');
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
});

describe('readAccess', () => {
  test('tells the balances and the rate of the speech models, which the limiter follows', async () => {
    await using provider = await startProvider(json(LIMITS));
    let now = Date.now();
    await using venice = connect(provider, { clock: () => now });
    expect(await venice.readAccess({ signal })).toEqual({
      accessPermitted: true,
      balances: { usd: 12.5, diem: 3 },
      keyExpiresAt: undefined,
      requestsPerMinute: 120,
    });
    now += 60_000;
    expect(venice.status().requestsLeft).toBe(20);
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
    expect(venice.status().requestsLeft).toBe(10);
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.status().requestsLeft).toBe(2);
  });
});
