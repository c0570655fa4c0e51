import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** The part of Discord's voice server in MLS: it proposes who is added, and is no member itself. */
export class ExternalSender {
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#privateKey = privateKey;
    this.#publicKey = Buffer.concat([
      u8(4),
      Buffer.from(x, 'base64url'),
      Buffer.from(y, 'base64url'),
    ]);
  }

  /** The body of opcode 25: signature key, basic credential. */
  package(): Buffer {
    return Buffer.concat([
      vector(this.#publicKey),
      u16(1),
      vector(Buffer.from('voice-on-loopback')),
    ]);
  }

  /** A signed proposal to add a member, the same bytes for all. */
  add(group: { channelId: string; epoch: bigint }, keyPackage: Buffer): Buffer {
    return this.#propose(group, Buffer.concat([u16(1), keyPackage]));
  }

  #propose({ channelId, epoch }: { channelId: string; epoch: bigint }, proposal: Buffer): Buffer {
    const content = Buffer.concat([
      vector(u64(BigInt(channelId))),
      u64(epoch),
      u8(2),
      u32(0),
      vector(Buffer.alloc(0)),
      u8(2),
      proposal,
    ]);
    const toBeSigned = Buffer.concat([u16(1), u16(1), content]);
    const labelled = Buffer.concat([
      vector(Buffer.from('MLS 1.0 FramedContentTBS')),
      vector(toBeSigned),
    ]);
    return Buffer.concat([
      u16(1),
      u16(1),
      content,
      vector(sign('sha256', labelled, this.#privateKey)),
    ]);
  }
}

/** The body of opcode 27: proposals are appended. */
export function proposals(...messages: readonly Buffer[]): Buffer {
  return Buffer.concat([u8(0), vector(Buffer.concat(messages))]);
}

/** What a commit names a proposal by (RFC 9420, 5.2), in hex. */
export function referenceOf(proposal: Buffer): string {
  // All but the version is what was authenticated.
  const label = Buffer.from('MLS 1.0 Proposal Reference');
  const named = Buffer.concat([vector(label), vector(proposal.subarray(2))]);
  return createHash('sha256').update(named).digest('hex');
}

/** Splits the body of opcode 28 into its commit and the welcome that follows without a border. */
export function splitCommit(body: Buffer) {
  const { length, references } = readCommit(body);
  return { commit: body.subarray(0, length), welcome: body.subarray(length), references };
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Walks an MLSMessage(PublicMessage(Commit)) to its end (RFC 9420). */
function readCommit(body: Buffer): { length: number; references: readonly string[] } {
  const reader = new Reader(body);
  if (reader.number(2) !== 1 || reader.number(2) !== 1)
    throw new Error('Expected a public MLS 1.0 message');
  reader.vector();
  reader.skip(8);
  const sender = reader.number(1);
  if (sender === 1 || sender === 2) reader.skip(4);
  reader.vector();
  if (reader.number(1) !== 3) throw new Error('Expected a commit');
  const references = readReferences(reader.vector());
  if (reader.number(1) === 1) {
    skipLeaf(reader);
    reader.vector();
  }
  reader.vector();
  reader.vector();
  if (sender === 1) reader.vector();
  return { length: reader.offset, references };
}

/** In hex; a proposal that the committer brings itself is named as such. */
function readReferences(bytes: Buffer): readonly string[] {
  const reader = new Reader(bytes);
  const references: string[] = [];
  while (reader.offset < bytes.byteLength) {
    if (reader.number(1) !== 2) return [...references, 'its own'];
    references.push(reader.vector().toString('hex'));
  }
  return references;
}

function skipLeaf(reader: Reader): void {
  reader.vector();
  reader.vector();
  reader.number(2);
  reader.vector();
  for (let list = 0; list < 5; list += 1) reader.vector();
  const source = reader.number(1);
  if (source === 1) reader.skip(16);
  else if (source === 3) reader.vector();
  reader.vector();
  reader.vector();
}

class Reader {
  readonly #bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(size: number): number {
    const value = this.#bytes.readUIntBE(this.offset, size);
    this.offset += size;
    return value;
  }

  skip(size: number): void {
    this.offset += size;
  }

  vector(): Buffer {
    const size = 1 << ((this.#bytes[this.offset] ?? 0) >> 6);
    if (size > 4) throw new Error('A length that MLS does not know');
    const mask = 2 ** (8 * size - 2) - 1;
    const length = Number(BigInt(this.number(size)) & BigInt(mask));
    this.offset += length;
    return this.#bytes.subarray(this.offset - length, this.offset);
  }
}

/** A vector with QUIC's variable length. */
function vector(bytes: Buffer): Buffer {
  const { length } = bytes;
  if (length < 64) return Buffer.concat([u8(length), bytes]);
  if (length < 16_384) return Buffer.concat([u16(length | 0x4000), bytes]);
  return Buffer.concat([u32(length + 0x8000_0000), bytes]);
}

function u8(value: number): Buffer {
  return Buffer.of(value);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
