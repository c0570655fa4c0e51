import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { Retirement } from '../../src/domain/voice.ts';
import { createCatalogue } from '../../src/venice/catalogue.ts';
import { stockVoices } from '../../src/venice/stock-voices.ts';
import { listModels, modelsOf } from '../venice/models.ts';
import { answer, connect, forever, json, type Reply, startProvider } from './provider.ts';

const signal = forever();
const log = pino({ level: 'silent' });
const WEEK_MS = 7 * 86_400_000;

describe('readModels', () => {
  test.each(['live', 'guide'] as const)('reads the %s face', async (face) => {
    const listed = modelsOf(face, { minimax: true });
    await using provider = await startProvider(json(listModels(listed)));
    await using venice = connect(provider);
    const models = await venice.readModels({ signal });
    expect(provider.seen[0]?.path).toBe('/models?type=tts');
    expect(models.map(({ id, formats }) => [id, formats])).toEqual(
      listed.map(({ id, formats }) => [id, formats]),
    );
    expect(models[0]).toMatchObject({
      defaultFormat: face === 'live' ? 'wav' : 'mp3',
      microUsdPerMillion: 50_000_000,
      cloning: { minSeconds: 5, retention: 'from-upload', retentionMs: WEEK_MS },
    });
    expect(models.at(-1)?.cloning).toMatchObject({
      retention: 'from-use',
      containers: ['mp3', 'wav'],
    });
  });

  test('leaves out what makes no sense, and formats it does not know', async () => {
    const good = spec({ supported_formats: ['wav', 'hologram'], default_format: 'hologram' });
    const strange = [null, {}, spec({ pricing: {} }), spec({ supported_formats: ['hologram'] })];
    await using provider = await startProvider(json({ data: [...strange, good] }));
    await using venice = connect(provider);
    expect(await venice.readModels({ signal })).toMatchObject([
      { formats: ['wav'], defaultFormat: 'wav', voices: [], cloning: undefined },
    ]);
  });

  test('offers neither voices nor cloning of a model that is offline', async () => {
    const offline = spec({ offline: true, voices: ['af_sky'], voice_cloning: CLONING });
    await using provider = await startProvider(json({ data: [offline] }));
    await using venice = connect(provider);
    expect(await venice.readModels({ signal })).toMatchObject([{ voices: [], cloning: undefined }]);
  });

  test('finds at either place whether a model knows temperature', async () => {
    const data = [
      spec({ supportsTemperatureParam: true }),
      spec({ capabilities: { supportsTemperatureParam: false } }),
      spec({}),
    ];
    await using provider = await startProvider(json({ data }));
    await using venice = connect(provider);
    const models = await venice.readModels({ signal });
    expect(models.map((model) => model.supportsTemperature)).toEqual([true, false, undefined]);
  });
});

describe('catalogue', () => {
  test('serves the guide’s values until it could be read, and then what it read', async () => {
    const { catalogue, provider } = await start(
      answer(400),
      json(listModels(modelsOf('guide', { minimax: true }))),
    );
    await using _ = provider;
    await catalogue.refresh({ signal });
    expect(catalogue.cloning().map(({ id }) => id)).toEqual(['tts-chatterbox-hd']);
    expect(catalogue.find('tts-chatterbox-hd')).toMatchObject({
      formats: ['wav'],
      cloning: { minSeconds: 5 },
    });
    expect(catalogue.find('tts-kokoro')?.voices).toHaveLength(54);
    await catalogue.refresh({ signal });
    expect(catalogue.cloning().map(({ id }) => id)).toEqual([
      'tts-chatterbox-hd',
      'tts-minimax-speech-02-hd',
    ]);
    expect(catalogue.find('tts-chatterbox-hd')?.formats).toContain('mp3');
  });

  test('keeps what it knows when the next reading fails or lists nothing', async () => {
    const { catalogue, provider } = await start(
      json(listModels(modelsOf('guide', { minimax: true }))),
      answer(400),
      json({ data: [] }),
    );
    await using _ = provider;
    for (let reading = 0; reading < 3; reading += 1) await catalogue.refresh({ signal });
    expect(catalogue.find('tts-minimax-speech-02-hd')).toBeDefined();
  });

  test('offers no model that an earlier process knew to be gone, until it is listed to stay', async () => {
    const gone = new Map([[GONE, { at: 1, successor: undefined }]]);
    const { catalogue, provider } = await startWith(
      gone,
      answer(400),
      json({ data: [spec({})] }),
      json(listModels(modelsOf('live', {}))),
    );
    await using _ = provider;
    for (let reading = 0; reading < 2; reading += 1) {
      await catalogue.refresh({ signal });
      expect(catalogue.find(GONE)).toBeUndefined();
      expect(catalogue.retirements().has(GONE)).toBe(true);
    }
    await catalogue.refresh({ signal });
    expect(catalogue.find(GONE)).toBeDefined();
    expect(catalogue.retirements().size).toBe(0);
  });

  test('leaves an abort to whoever aborts: refresh never rejects', async () => {
    const { catalogue, provider } = await start(
      json(listModels(modelsOf('guide', { minimax: true }))),
    );
    await using _ = provider;
    await catalogue.refresh({ signal: AbortSignal.abort('stop') });
    expect(catalogue.find('tts-minimax-speech-02-hd')).toBeUndefined();
    expect(provider.seen).toHaveLength(0);
  });
});

test('stockVoices have names that people can read', () => {
  const voices = ['af_sky', 'bm_george', 'pm_santa', 'zf_xiaobei', 'am_big_tom', 'ax_odd', 'Alice'];
  const catalogue = { find: () => ({ ...KOKORO, voices }) };
  expect(stockVoices(catalogue).map(({ name }) => name)).toEqual([
    'Sky (American, female)',
    'George (British, male)',
    'Santa (Brazilian, male)',
    'Xiaobei (Chinese, female)',
    'Big tom (American, male)',
    'ax_odd',
    'Alice',
  ]);
  expect(stockVoices(catalogue)[0]).toMatchObject({ model: 'tts-kokoro', id: 'af_sky' });
  expect(stockVoices({ find: () => undefined })).toEqual([]);
});

const CLONING = {
  mode: 'zero_shot',
  accepted_formats: ['wav'],
  min_sample_seconds: 5,
  retention_days: 7,
};

const KOKORO = {
  id: 'tts-kokoro',
  name: 'Kokoro',
  formats: ['mp3'],
  defaultFormat: 'mp3',
  microUsdPerMillion: 3_500_000,
  supportsTemperature: undefined,
  cloning: undefined,
} as const;

function spec(fields: object): unknown {
  return { id: 'tts-new', model_spec: { pricing: { input: { usd: 1 } }, ...fields } };
}

const GONE = 'tts-chatterbox-hd';

function start(...replies: Reply[]) {
  return startWith(new Map(), ...replies);
}

async function startWith(retirements: ReadonlyMap<string, Retirement>, ...replies: Reply[]) {
  const provider = await startProvider(...replies);
  const venice = connect(provider);
  const catalogue = createCatalogue({ venice, retirements, clock: Date.now, log });
  return {
    catalogue,
    provider: {
      seen: provider.seen,
      async [Symbol.asyncDispose]() {
        await venice[Symbol.asyncDispose]();
        await provider[Symbol.asyncDispose]();
      },
    },
  };
}
