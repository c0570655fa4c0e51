import fc from 'fast-check';

/** Lengths of pieces, some of them empty, that bytes may come in. */
export const cuts = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }),
  fc.array(fc.nat(5000), { minLength: 2, maxLength: 40 }).filter((all) => all.some(Boolean)),
  fc.constant([1]),
);

/** The bytes in pieces of these lengths, over and over; each its own, as those of a socket are. */
export async function* inPieces(
  bytes: Uint8Array,
  lengths: readonly number[],
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (let turn = 0; start < bytes.byteLength; turn += 1) {
    const end = start + (lengths[turn % lengths.length] ?? 1);
    yield bytes.slice(start, end);
    start = end;
  }
}

/** Bytes changed here and there, some taken out, some put in, and then cut. */
export function damaged(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(file.byteLength - 1);
  const change = fc.oneof(
    fc.record({
      at: place,
      gone: fc.constant(1),
      put: fc.uint8Array({ minLength: 1, maxLength: 1 }),
    }),
    fc.record({ at: place, gone: fc.nat(300), put: fc.uint8Array({ maxLength: 40 }) }),
  );
  const end = fc.oneof(fc.constant(file.byteLength), place);
  return fc.tuple(fc.array(change, { maxLength: 8 }), end).map(([changes, length]) => {
    const whole = changes.reduce(
      (bytes, { at, gone, put }) =>
        Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]),
      Buffer.from(file),
    );
    return Uint8Array.from(whole.subarray(0, length));
  });
}
