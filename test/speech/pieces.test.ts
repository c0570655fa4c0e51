import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { NotAudioError, SilenceError } from '../../src/audio/not-audio-error.ts';
import type { Sound } from '../../src/audio/sound.ts';
import { joinPieces, type OpenPiece as OpenAny } from '../../src/speech/pieces.ts';
import { VeniceError } from '../../src/venice/errors.ts';

type OpenPiece = OpenAny<string>;

const RATE = 1_000;
const live = { isHeard: () => true };
const options = { signal: new AbortController().signal, clock: Date.now, live };

/** Pieces are numbers: the sound of '7' is a hundred samples of 700. */
function soundOf(piece: string, sampleRate = RATE): Sound & { kind: 'pcm' } {
  const samples = new Int16Array(50).fill(Number(piece) * 100);
  async function* chunks() {
    yield samples;
    await turn();
    yield samples;
  }
  return { kind: 'pcm', sampleRate, chunks: chunks() };
}

/** The packets of '7' are [7, 0] and [7, 1]. */
function packetsOf(piece: string): Sound & { kind: 'opus' } {
  async function* packets() {
    for (const number of [0, 1]) {
      yield Uint8Array.of(Number(piece), number);
      await turn();
    }
  }
  return { kind: 'opus', packets: packets() };
}

function chunksOf(sound: Sound): AsyncIterable<Int16Array> {
  if (sound.kind !== 'pcm') throw new Error('It came as packets');
  return sound.chunks;
}

async function collect(sound: Sound): Promise<readonly number[]> {
  const parts = await Array.fromAsync(chunksOf(sound));
  return parts.flatMap((part) => [...part]);
}

async function collectPackets(sound: Sound): Promise<readonly number[][]> {
  if (sound.kind !== 'opus') throw new Error('It came as samples');
  return (await Array.fromAsync(sound.packets)).map((packet) => [...packet]);
}

/** Samples away from the edges, which are faded. */
function middles(samples: readonly number[]): readonly number[] {
  return samples.filter((_, index) => index % 100 === 50);
}

describe('joinPieces', () => {
  test('the pieces follow each other in order, none of it lost, without a click between them', async () => {
    const open: OpenPiece = (piece) => Promise.resolve(soundOf(piece));
    const samples = await collect(await joinPieces(['1', '2', '3', '4', '5', '6'], open, options));
    expect(samples).toHaveLength(600);
    expect(middles(samples)).toEqual([100, 200, 300, 400, 500, 600]);
    expect([samples[0], samples.at(-1)]).toEqual([100, 600]);
    for (const join of [100, 200, 300, 400, 500])
      expect(Math.abs((samples[join] ?? 0) - (samples[join - 1] ?? 0))).toBe(0);
  });

  test('the first is fetched alone, then three ahead of the one that is heard', async () => {
    const opened: string[] = [];
    const open: OpenPiece = (piece) => {
      opened.push(piece);
      return Promise.resolve(soundOf(piece));
    };
    const stream = await joinPieces([...'1234567'], open, options);
    await turn();
    expect(opened).toEqual(['1']);
    const iterator = chunksOf(stream)[Symbol.asyncIterator]();
    await iterator.next();
    expect(opened).toEqual(['1', '2', '3', '4']);
    let heard = 0;
    while (heard < 250) heard += ((await iterator.next()).value as Int16Array).length;
    expect(opened).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('a later piece that breaks off before its turn is fetched once more, the first is not', async () => {
    const tries = new Map<string, number>();
    const open =
      (broken: string, times: number): OpenPiece =>
      (piece) => {
        const count = (tries.get(piece) ?? 0) + 1;
        tries.set(piece, count);
        const sound = soundOf(piece);
        if (piece !== broken || count > times) return Promise.resolve(sound);
        async function* chunks() {
          yield new Int16Array(10).fill(999);
          await turn();
          throw new VeniceError('network', 'cut');
        }
        return Promise.resolve({ ...sound, chunks: chunks() });
      };
    const samples = await collect(await joinPieces(['1', '2', '3'], open('3', 1), options));
    expect(middles(samples)).toEqual([100, 200, 300]);
    expect(tries.get('3')).toBe(2);
    tries.clear();
    const twice = await joinPieces(['1', '2', '3'], open('3', 2), options);
    await expect(collect(twice)).rejects.toThrow('cut');
    tries.clear();
    const first = await joinPieces(['1', '2', '3'], open('1', 1), options);
    await expect(collect(first)).rejects.toThrow('cut');
    expect(tries.get('1')).toBe(1);
  });

  describe('the first piece', () => {
    /** Breaks off so often, after half of it. */
    const breaking = (
      times: number,
      error: Error = new VeniceError('network', 'cut', { isSpent: true }),
    ) => {
      const asked: boolean[] = [];
      const open: OpenPiece = (piece, { isRepeat }) => {
        const sound = soundOf(piece);
        if (piece !== '1') return Promise.resolve(sound);
        asked.push(isRepeat);
        async function* chunks() {
          yield new Int16Array(50).fill(isRepeat ? 100 : 999);
          await turn();
          if (asked.length <= times) throw error;
          yield* soundOf('1').chunks;
        }
        return Promise.resolve({ ...sound, chunks: chunks() });
      };
      return { asked, open };
    };

    test('is asked for again as long as nothing of it was heard, and goes on where it was', async () => {
      const { asked, open } = breaking(1);
      const unheard = { ...options, live: { isHeard: () => false } };
      const samples = await collect(await joinPieces(['1', '2'], open, unheard));
      expect(asked).toEqual([false, true]);
      expect(samples).toHaveLength(250);
    });

    test('is not once something was heard', async () => {
      const { asked, open } = breaking(1);
      await expect(collect(await joinPieces(['1', '2'], open, options))).rejects.toThrow('cut');
      expect(asked).toEqual([false]);
    });

    test('is for a file, wherever it breaks off, and nothing of the broken one is in it', async () => {
      const { asked, open } = breaking(1);
      const file = { ...options, live: undefined };
      const samples = await collect(await joinPieces(['1', '2'], open, file));
      expect(asked).toEqual([false, true]);
      expect(samples).not.toContain(999);
      expect(samples).toHaveLength(250);
      const twice = breaking(2);
      await expect(collect(await joinPieces(['1'], twice.open, file))).rejects.toThrow('cut');
      expect(twice.asked).toEqual([false, true]);
    });

    test('is where all that was heard of it was silence, from its beginning', async () => {
      const { asked, open } = breaking(1, new SilenceError());
      const samples = await collect(await joinPieces(['1'], open, options));
      expect(asked).toEqual([false, true]);
      expect(samples).toHaveLength(50 + 150);
    });

    test.each([
      ['no sound', new NotAudioError('rubbish'), 2],
      ['nothing', new VeniceError('bad-answer', 'nothing'), 2],
      ['a broken connection', new VeniceError('network', 'cut', { isSpent: true }), 2],
      ['no connection', new VeniceError('network', 'refused'), 1],
      ['a refusal', new VeniceError('rejected', 'no'), 1],
      ['no answer', new VeniceError('timeout', 'late', { isSpent: true }), 1],
    ])('that begins with %s: asked %#', async (_, error, times) => {
      const asked: boolean[] = [];
      const open: OpenPiece = (piece, { isRepeat }) => {
        asked.push(isRepeat);
        return isRepeat ? Promise.resolve(soundOf(piece)) : Promise.reject(error);
      };
      const joined = joinPieces(['1'], open, options);
      if (times === 1) await expect(joined).rejects.toBe(error);
      else expect(await collect(await joined)).toHaveLength(100);
      expect(asked).toEqual([false, true].slice(0, times));
    });

    test('is asked for twice at most', async () => {
      const asked: boolean[] = [];
      const open: OpenPiece = (piece, { isRepeat }) => {
        asked.push(isRepeat);
        if (!isRepeat) return Promise.reject(new NotAudioError('rubbish'));
        async function* chunks() {
          yield* soundOf(piece).chunks;
          throw new NotAudioError('short');
        }
        return Promise.resolve({ ...soundOf(piece), chunks: chunks() });
      };
      const file = { ...options, live: undefined };
      await expect(collect(await joinPieces(['1'], open, file))).rejects.toThrow('short');
      expect(asked).toEqual([false, true]);
    });
  });

  test('one that breaks off while it is heard goes on where it broke off', async () => {
    const tries = new Map<string, number>();
    const open =
      <S extends Sound>(sound: (piece: string) => S, broken: (whole: S) => S): OpenPiece =>
      (piece) => {
        tries.set(piece, (tries.get(piece) ?? 0) + 1);
        const whole = sound(piece);
        return Promise.resolve(piece === '2' && tries.get('2') === 1 ? broken(whole) : whole);
      };
    async function* cutOff<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
      for await (const item of items) {
        yield item;
        await sleep(20);
        throw new VeniceError('network', 'cut');
      }
    }
    const pcm = open(soundOf, (whole) => ({ ...whole, chunks: cutOff(whole.chunks) }));
    const samples = await collect(await joinPieces(['1', '2', '3'], pcm, options));
    expect(samples).toHaveLength(300);
    expect([samples[140], samples[150], samples[160]]).toEqual([200, 0, 200]);
    expect(tries.get('2')).toBe(2);
    tries.clear();
    const opus = open(packetsOf, (whole) => ({ ...whole, packets: cutOff(whole.packets) }));
    const packets = await collectPackets(await joinPieces(['1', '2'], opus, options));
    expect(packets).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    expect(tries.get('2')).toBe(2);
  });

  test('no break is heard as a click: where a piece goes on, and where the line ends', async () => {
    const [loud, rate, length] = [8_000, 24_000, 4_800];
    let tries = 0;
    const open: OpenPiece = (piece) => {
      tries += 1;
      const sign = tries % 2 === 0 ? 1 : -1;
      async function* chunks() {
        for (let at = 0; at < length; at += 700) {
          if (piece === '2' && at > 3_000) {
            await sleep(5);
            throw new VeniceError('network', 'cut');
          }
          yield new Int16Array(700).fill(sign * loud);
          await turn();
        }
      }
      return Promise.resolve({ kind: 'pcm', sampleRate: rate, chunks: chunks() });
    };
    const sound = await joinPieces(['1', '2'], open, options);
    const heard: number[] = [];
    const reading = (async () => {
      for await (const chunk of chunksOf(sound)) heard.push(...chunk);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(tries).toBe(3);
    expect(Math.max(...heard)).toBe(loud);
    const steps = heard.slice(1).map((sample, at) => Math.abs(sample - (heard[at] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(loud / 50);
    expect(heard.at(-1)).toBeCloseTo(0);
  });

  test('what a second call cannot mend is not asked for again', async () => {
    let calls = 0;
    const open: OpenPiece = (piece) => {
      calls += 1;
      if (piece === '2') return Promise.reject(new VeniceError('rejected', 'no'));
      return Promise.resolve(soundOf(piece));
    };
    const stream = await joinPieces(['1', '2'], open, options);
    await expect(collect(stream)).rejects.toThrow('no');
    expect(calls).toBe(2);
  });

  describe('a later piece that comes too soon', () => {
    const calls: { piece: string; at: number }[] = [];
    beforeEach(() => void calls.splice(0));
    const tooSoon =
      (
        late: string,
        { times = 1, ms = 0 }: { times?: number; ms?: number | undefined },
      ): OpenPiece =>
      (piece) => {
        calls.push({ piece, at: Date.now() });
        const count = calls.filter((call) => call.piece === piece).length;
        if (piece !== late || count > times) return Promise.resolve(soundOf(piece));
        const retryAt = Number.isNaN(ms) ? undefined : Date.now() + ms;
        return Promise.reject(new VeniceError('rate-limited', 'too soon', { retryAt }));
      };
    const triesOf = (piece: string) => calls.filter((call) => call.piece === piece);

    test('waits until it may come, and the line is whole', async () => {
      const open = tooSoon('2', { ms: 120 });
      const samples = await collect(await joinPieces(['1', '2', '3'], open, options));
      expect(middles(samples)).toEqual([100, 200, 300]);
      const [first, second] = triesOf('2');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(119);
    });

    test.each([
      ['again and again', { times: 9, ms: 10 }, 6],
      ['by more than a minute', { ms: 70_000 }, 1],
      ['by who knows how long', { ms: NaN }, 1],
    ])('%s, is given up', async (_, how, tries) => {
      const sound = await joinPieces(['1', '2'], tooSoon('2', how), options);
      await expect(collect(sound)).rejects.toThrow('too soon');
      expect(triesOf('2')).toHaveLength(tries);
    });

    test('is not asked for any more once the line is left', async () => {
      const leave = new AbortController();
      const open = tooSoon('2', { ms: 50 });
      const sound = await joinPieces(['1', '2'], open, { ...options, signal: leave.signal });
      const reading = collect(sound);
      await turn();
      leave.abort(new Error('left'));
      await expect(reading).rejects.toThrow('left');
      await sleep(80);
      expect(triesOf('2')).toHaveLength(1);
    });

    test('unlike the first, for which the member may come back', async () => {
      const first = joinPieces(['1', '2'], tooSoon('1', { ms: 10 }), options);
      await expect(first).rejects.toThrow('too soon');
    });
  });

  test('pieces of different rates do not go together', async () => {
    const open: OpenPiece = (piece) => Promise.resolve(soundOf(piece, piece === '2' ? 500 : RATE));
    const stream = await joinPieces(['1', '2'], open, options);
    await expect(collect(stream)).rejects.toThrow(NotAudioError);
  });

  test('packets follow each other as they are, a piece that breaks off fetched once more', async () => {
    let tries = 0;
    const open: OpenPiece = (piece) => {
      if (piece !== '3') return Promise.resolve(packetsOf(piece));
      tries += 1;
      if (tries > 1) return Promise.resolve(packetsOf(piece));
      async function* packets() {
        yield Uint8Array.of(99);
        await turn();
        throw new NotAudioError('cut');
      }
      return Promise.resolve({ kind: 'opus', packets: packets() });
    };
    const heard = await collectPackets(await joinPieces([...'12345'], open, options));
    expect(heard).toEqual([1, 2, 3, 4, 5].flatMap((piece) => [0, 1].map((at) => [piece, at])));
    expect(tries).toBe(2);
  });

  test('packets and samples do not go together', async () => {
    for (const kinds of [
      [packetsOf, soundOf],
      [soundOf, packetsOf],
    ] as const) {
      const open: OpenPiece = (piece) => Promise.resolve(kinds[piece === '1' ? 0 : 1](piece));
      const sound = await joinPieces(['1', '2'], open, options);
      const all = sound.kind === 'opus' ? sound.packets : sound.chunks;
      await expect(Array.fromAsync<unknown>(all)).rejects.toThrow(NotAudioError);
    }
  });

  test('leaving it ends the calls that are under way', async () => {
    const signals: AbortSignal[] = [];
    const open: OpenPiece = (piece, { signal }) => {
      signals.push(signal);
      return Promise.resolve(soundOf(piece));
    };
    const sound = await joinPieces(['1', '2', '3'], open, options);
    for await (const _ of chunksOf(sound)) break;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });
});
