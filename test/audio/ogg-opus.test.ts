import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { NotAudioError } from '../../src/audio/not-audio-error.ts';
import { type OpusPart, readOggOpus } from '../../src/audio/ogg-opus.ts';
import { encodeFrames, opusHead, opusTags, writeOgg, writePage } from './ogg-file.ts';
import { cuts, damaged, inPieces } from './pieces-of.ts';
import { noise, stream } from './recordings.ts';

/** Some are longer than 255 bytes, some shorter. */
let packets: readonly Uint8Array[];
let others: readonly Uint8Array[];
beforeAll(() => {
  const sound = noise(2, 9000);
  packets = [
    ...encodeFrames(sound.subarray(0, 24_000), { frame: 960, bitrate: 64_000 }),
    ...encodeFrames(sound.subarray(0, 24_000), { frame: 960, bitrate: 256_000 }),
  ];
  others = encodeFrames(sound.subarray(40_000), { frame: 960, bitrate: 32_000 });
});

const read = (bytes: AsyncIterable<Uint8Array>) => Array.fromAsync(readOggOpus(bytes));

async function readWhole(...parts: readonly Uint8Array[]): Promise<readonly OpusPart[]> {
  return await read(stream([Buffer.concat(parts)]));
}

/** What is handed out of bytes that are found not to be all. */
async function readBroken(bytes: AsyncIterable<Uint8Array>): Promise<readonly OpusPart[]> {
  const parts: OpusPart[] = [];
  try {
    for await (const part of readOggOpus(bytes)) parts.push(part);
  } catch (error) {
    expect(error).toMatchObject({ message: 'Not speech: Ogg Opus that breaks off' });
    return parts;
  }
  throw new Error('It was taken for all there is');
}

function packetsOf(parts: readonly OpusPart[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'packet' ? [hex(part.packet.bytes)] : []));
}

/** Where each page ends in the file. */
function endsOf(pages: readonly Uint8Array[]): readonly number[] {
  let end = 0;
  return pages.map(({ byteLength }) => {
    end += byteLength;
    return end;
  });
}

/** Whether nothing of a page's sound is before the cut: a part of a header is passed over like junk. */
function isBetween(pages: readonly Uint8Array[], end: number): boolean {
  const ends = endsOf(pages);
  const cut = ends.findIndex((pageEnd) => end < pageEnd);
  return cut === -1 || end < (ends[cut - 1] ?? 0) + 27 + (pages[cut]?.[26] ?? 0);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const all = (...lists: readonly (readonly Uint8Array[])[]) => lists.flat().map(hex);

describe('readOggOpus', () => {
  test('however it is cut, a file gives its packets', async () => {
    const file = Buffer.concat(writeOgg({ packets, packetsAPage: 7 }));
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        const parts = await read(inPieces(file, lengths));
        expect(parts[0]).toEqual({ kind: 'start', channels: 1, preSkip: 312, gain: 0 });
        expect(packetsOf(parts)).toEqual(all(packets));
      }),
      { numRuns: 60 },
    );
  });

  test('a packet is there with its last byte, long before its page is', async () => {
    const [first = new Uint8Array(0)] = packets;
    const file = Buffer.concat(writeOgg({ packets }));
    const end = file.indexOf(first) + first.byteLength;
    async function* body() {
      yield file.subarray(0, end - 1);
      yield file.subarray(end - 1, end);
      throw new Error('Nobody asked for more');
    }
    const parts = readOggOpus(body());
    await parts.next();
    expect((await parts.next()).value).toMatchObject({
      packet: { bytes: Buffer.from(first) },
      samples: 960,
    });
    await expect(parts.next()).rejects.toThrow('Nobody asked for more');
  });

  test.each([7, 8])(
    'streams strung together are read to the last, the next being %i',
    async (serial) => {
      const parts = await readWhole(
        ...writeOgg({ packets, serial: 7 }),
        ...writeOgg({ packets: others, serial, preSkip: 100 }),
        ...writeOgg({ packets, serial: 7 }),
      );
      expect(packetsOf(parts)).toEqual(all(packets, others, packets));
      const starts = parts.flatMap((part) => (part.kind === 'start' ? [part.preSkip] : []));
      expect(starts).toEqual([312, 100, 312]);
    },
  );

  test('the marks of a new stream may be missing', async () => {
    const second = writeOgg({ packets: others });
    const unmarked = writePage({ packets: [opusHead()], number: 0 });
    const parts = await readWhole(...writeOgg({ packets }), unmarked, ...second.slice(1));
    expect(packetsOf(parts)).toEqual(all(packets, others));
  });

  test('packets cross pages, however many', async () => {
    const long = packets.filter(({ byteLength }) => byteLength > 600);
    const [a, b, c] = long;
    if (!a || !b || !c) throw new Error('No packet is so long');
    const parts = await readWhole(
      ...writeOgg({ packets: [] }),
      writePage({ packets: [a, b.subarray(0, 255)], isOpen: true, number: 2 }),
      writePage({ packets: [b.subarray(255, 510)], isOpen: true, flags: 1, number: 3 }),
      writePage({ packets: [b.subarray(510), c], flags: 5, number: 4 }),
    );
    expect(packetsOf(parts)).toEqual(all([a, b, c]));
  });

  test('a packet that fills its last stretch to the brim ends with an empty one', async () => {
    const full = new Uint8Array(255).fill(31 << 3, 0, 1);
    const parts = await readWhole(
      ...writeOgg({ packets: [] }),
      writePage({ packets: [full], isOpen: true, number: 2 }),
      writePage({ packets: [new Uint8Array(0), full], flags: 5, number: 3 }),
    );
    expect(packetsOf(parts)).toEqual(all([full, full]));
  });

  test('what is left of a packet whose page is missing is passed over', async () => {
    const [a, b, c] = packets.filter(({ byteLength }) => byteLength > 600);
    if (!a || !b || !c) throw new Error('No packet is so long');
    const begun = writePage({ packets: [a, b.subarray(0, 255)], isOpen: true, number: 2 });
    const ended = (number: number) =>
      writePage({ packets: [b.subarray(255), c], flags: 5, number });
    const start = writeOgg({ packets: [] });
    expect(packetsOf(await readWhole(...start, begun, ended(4)))).toEqual(all([a, c]));
    expect(packetsOf(await readWhole(...start, ended(2)))).toEqual(all([c]));
    const fresh = writePage({ packets: [c], flags: 4, number: 3 });
    expect(packetsOf(await readWhole(...start, begun, fresh))).toEqual(all([a, c]));
  });

  test('junk between pages is passed over, even such as looks like a page', async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .constantFrom(...['O', 'Og', 'Ogg', 'OggS', 'OggSOggS', 'OggS\u0001', 'OggS\0ÿ'])
        .map((text) => Uint8Array.from(Buffer.from(text, 'latin1'))),
    );
    const pages = writeOgg({ packets, packetsAPage: 10 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(junk, { minLength: 1, maxLength: 4 }),
        cuts,
        async (between, lengths) => {
          const bytes = pages.flatMap((page, index) => [
            page,
            between[index % between.length] ?? new Uint8Array(0),
          ]);
          expect(packetsOf(await read(inPieces(Buffer.concat(bytes), lengths)))).toEqual(
            all(packets),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a file that breaks off gives what is whole, and says that it was not all', async () => {
    const pages = writeOgg({ packets, packetsAPage: 7 });
    const file = Buffer.concat(pages);
    const ends = endsOf(pages);
    const end = fc.integer({ min: ends[0] ?? 0, max: file.byteLength - 1 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(end, fc.constantFrom(...ends)), cuts, async (end, lengths) => {
        // Between two pages it may just as well be all there is, by an encoder that marks no end.
        const readIt = isBetween(pages, end) ? read : readBroken;
        const found = packetsOf(await readIt(inPieces(file.subarray(0, end), lengths)));
        expect(found).toEqual(all(packets).slice(0, found.length));
        const next = packets[found.length];
        const upTo = next ? file.indexOf(next) + next.byteLength : 0;
        if (next) expect(end).toBeLessThan(upTo);
      }),
      { numRuns: 100 },
    );
  });

  test('the last page may hold nothing but that it is the last, or not say so', async () => {
    const over = writePage({ packets: [], flags: 4, number: 3 });
    const [head = over, tags = over] = writeOgg({ packets });
    const pages = [head, tags, writePage({ packets, number: 2 })];
    expect(packetsOf(await readWhole(...pages, over))).toEqual(all(packets));
    expect(packetsOf(await readWhole(...pages))).toEqual(all(packets));
  });

  test('a stream that breaks off, and another after it: both are read', async () => {
    const pages = writeOgg({ packets, packetsAPage: 20 });
    const whole = Buffer.concat(pages);
    const next = Buffer.concat(writeOgg({ packets: others, serial: 8 }));
    const sound = whole.indexOf(packets[0] ?? whole);
    for (let end = whole.byteLength; end >= sound; end -= 5) {
      const bytes = stream([Buffer.concat([whole.subarray(0, end), next])]);
      const isWhole = isBetween(pages, end);
      const found = packetsOf(await (isWhole ? read : readBroken)(bytes));
      const first = found.length - others.length;
      expect(found.slice(first), `cut at ${end}`).toEqual(all(others));
      expect(found.slice(0, first)).toEqual(all(packets).slice(0, first));
    }
  });

  test('pages of other streams in between are none of its business', async () => {
    const [head, ...pages] = writeOgg({ packets, packetsAPage: 10 });
    const film = writePage({
      packets: [Buffer.from('\x80theora')],
      flags: 2,
      serial: 9,
      number: 0,
    });
    const between = pages.flatMap((page, number) => [
      writePage({ packets: [Buffer.from('a picture')], serial: 9, number: number + 1 }),
      page,
    ]);
    const parts = await readWhole(film, head ?? film, ...between);
    expect(packetsOf(parts)).toEqual(all(packets));
  });

  test('tags that are larger than any sound are passed over', async () => {
    const tags = opusTags(62_000);
    const [one, two] = [tags.subarray(0, 51_000), tags.subarray(51_000)];
    const parts = await readWhole(
      writePage({ packets: [opusHead()], flags: 2, number: 0 }),
      writePage({ packets: [one], isOpen: true, number: 1 }),
      writePage({ packets: [two], flags: 1, number: 2 }),
      ...writeOgg({ packets }).slice(2),
    );
    expect(packetsOf(parts)).toEqual(all(packets));
  });
});

describe('the end of a stream', () => {
  const heard = (parts: readonly OpusPart[]) =>
    parts.reduce((sum, part) => sum + (part.kind === 'packet' ? part.samples : 0), 0);

  test.each([
    ['is where its last page says', 48_300, 48_300],
    ['is that of its last packet where it says more', 99_999, 48_000],
    ['is that of its last packet where it says nothing', -1, 48_000],
    ['is that of its last packet where it says what was over before', 38_000, 48_000],
  ])('%s', async (_, end, samples) => {
    const sound = packets.slice(0, 50);
    const whole = heard(await readWhole(...writeOgg({ packets: sound, packetsAPage: 10, end })));
    expect(whole).toBe(Math.min(samples, 48_000));
  });

  test('counts from where the recording was begun', async () => {
    const shifted = [
      ...writeOgg({ packets: [] }),
      writePage({ packets: packets.slice(0, 10), position: 1_009_600, number: 2 }),
      writePage({ packets: packets.slice(10, 20), position: 1_019_000, flags: 4, number: 3 }),
    ];
    expect(heard(await readWhole(...shifted))).toBe(19_000);
  });

  test('may lie several packets before the last', async () => {
    const parts = await readWhole(...writeOgg({ packets: packets.slice(0, 5), end: 1_000 }));
    const samples = parts.flatMap((part) => (part.kind === 'packet' ? [part.samples] : []));
    expect(samples).toEqual([960, 40, 0, 0, 0]);
  });
});

describe('hostile bytes', () => {
  test('whatever is damaged, reading ends, with NotAudioError if with one', async () => {
    const file = Buffer.concat([
      ...writeOgg({ packets: packets.slice(0, 12), packetsAPage: 5 }),
      ...writeOgg({ packets: others.slice(0, 8), serial: 8 }),
    ]);
    await fc.assert(
      fc.asyncProperty(damaged(file), cuts, async (bytes, lengths) => {
        try {
          await read(inPieces(bytes, lengths));
        } catch (error) {
          expect(error).toBeInstanceOf(NotAudioError);
        }
      }),
      { numRuns: 400 },
    );
  });

  const start = () => writeOgg({ packets: [] });
  test.each<readonly [string, () => readonly Uint8Array[]]>([
    [
      'a packet without frames',
      () => [...start(), writePage({ packets: [Uint8Array.of(3, 0)], number: 2 })],
    ],
    [
      'a head that is cut',
      () => [writePage({ packets: [opusHead().subarray(0, 15)], flags: 2, number: 0 })],
    ],
    [
      'six channels',
      () => [writePage({ packets: [opusHead({ channels: 6 })], flags: 2, number: 0 })],
    ],
    [
      'no channel',
      () => [writePage({ packets: [opusHead({ channels: 0 })], flags: 2, number: 0 })],
    ],
    [
      'a version that is to come',
      () => {
        const head = opusHead();
        head.writeUInt8(16, 8);
        return [writePage({ packets: [head], flags: 2, number: 0 })];
      },
    ],
  ])('refuses %s', async (_, make) => {
    await expect(readWhole(...make())).rejects.toThrow(NotAudioError);
  });

  /** A body that never ends. */
  function endless(piece: (number: number) => Uint8Array) {
    const seen = { bytes: 0, isClosed: false };
    async function* body() {
      try {
        yield* writeOgg({ packets: [] });
        for (let number = 2; ; number += 1) {
          seen.bytes += piece(number).byteLength;
          yield piece(number);
        }
      } finally {
        seen.isClosed = true;
      }
    }
    return { seen, body: body() };
  }

  test.each<readonly [string, (number: number) => Uint8Array]>([
    ['junk', () => new Uint8Array(4096).fill(0x4f)],
    ['empty pages', (number) => writePage({ packets: [], number })],
    ['packets of nothing', (number) => writePage({ packets: [new Uint8Array(0)], number })],
    ['heads', () => writePage({ packets: [opusHead()], flags: 2, number: 0 })],
    ['tags', (number) => writePage({ packets: [opusTags()], number })],
    [
      'pages of other streams',
      (number) => writePage({ packets: [new Uint8Array(9)], serial: 1, number }),
    ],
    [
      'one packet',
      (number) =>
        writePage({
          packets: [new Uint8Array(510)],
          isOpen: true,
          flags: number > 2 ? 1 : 0,
          number,
        }),
    ],
  ])('leaves an endless body of %s', async (_, piece) => {
    const { seen, body } = endless(piece);
    await expect(read(body)).rejects.toThrow(NotAudioError);
    expect(seen.isClosed).toBe(true);
    expect(seen.bytes).toBeLessThan(100_000);
  });

  test('leaving it closes the body', async () => {
    const { seen, body } = endless((number) => writePage({ packets: packets.slice(0, 5), number }));
    for await (const part of readOggOpus(body)) if (part.kind === 'packet') break;
    expect(seen.isClosed).toBe(true);
  });
});
