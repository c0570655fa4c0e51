import { describe, expect, test } from 'vitest';
import { listChecks, readChecks } from './checked.ts';
import { ExternalSender, referenceOf } from './discord/voice/dave.ts';
import {
  checkCommit,
  createSoundRules,
  createVoiceRules,
  type Heard,
  type Known,
} from './discord/voice/rules.ts';
import { createChecker } from './openapi/checker.ts';
import { createViolations } from './violations.ts';

test('the list of what is checked is up to date: node test/checked.ts', async () => {
  expect(await readChecks()).toBe(listChecks());
});

describe('by a document', () => {
  const check = createChecker('discord');
  const post = (body: unknown, query = '') =>
    check({
      method: 'POST',
      path: '/channels/123/messages',
      query: new URLSearchParams(query),
      body,
    });

  test('a message as it should be is none of our business', () => {
    expect(post({ content: 'Hello', nonce: '1', enforce_nonce: true })).toEqual([]);
  });

  test.each([
    ['a field that it does not name', { content: 'Hello', ephemeral: true }, ''],
    ['a field that is too long', { content: 'x'.repeat(4001) }, ''],
    ['a field of another type', { content: 7 }, ''],
    ['a parameter that it does not name', { content: 'Hello' }, 'wait=true'],
    ['a body that is not there', undefined, ''],
  ])('it refuses %s', (_, body, query) => {
    expect(post(body, query)).not.toEqual([]);
  });

  test('it refuses a call that nobody knows of', () => {
    const call = { method: 'PUT', path: '/channels/123', query: new URLSearchParams() };
    expect(check({ ...call, body: undefined })).not.toEqual([]);
  });
});

describe('by the rules of the voice server', () => {
  const known: Known = {
    ssrc: 7,
    modes: ['aead_aes256_gcm_rtpsize'],
    sequence: 3,
    discovered: { address: '127.0.0.1', port: 5000 },
  };
  const resume = { op: 7, d: { server_id: '1', session_id: 'a', token: 'b', seq_ack: 3 } };
  const protocol = (mode: string, port: number) => ({
    op: 1,
    d: { protocol: 'udp', data: { address: '127.0.0.1', port, mode } },
  });

  test.each([
    ['voice address', '/?v=4', []],
    ['voice event', '/?v=8', [{ op: 7, d: { ...resume.d, more: 1 } }]],
    ['voice event', '/?v=8', [resume, { op: 12, d: {} }]],
    ['voice order', '/?v=8', [protocol('aead_aes256_gcm_rtpsize', 5000)]],
    ['voice order', '/?v=8', [resume, resume]],
    ['voice heartbeat', '/?v=8', [resume, { op: 3, d: { t: 1, seq_ack: 4 } }]],
    ['voice protocol', '/?v=8', [resume, protocol('xsalsa20_poly1305', 5000)]],
    ['voice protocol', '/?v=8', [resume, protocol('aead_aes256_gcm_rtpsize', 5001)]],
    ['voice speaking', '/?v=8', [resume, { op: 5, d: { speaking: 1, delay: 0, ssrc: 8 } }]],
  ])('%s is held at %s', (rule, address, messages) => {
    const violations = createViolations();
    const rules = createVoiceRules(address, violations);
    for (const message of messages) rules.text(message, known);
    expect(violations.list.map((each) => each.rule)).toEqual([rule]);
  });

  test.each([
    ['rtp packet', { payloadType: 111 }],
    ['rtp nonce', { nonce: 1 }],
    ['rtp sequence', { timestamp: 480 }],
    ['rtp sequence', { sequence: 1 }],
    ['rtp sequence', { sequence: 3, timestamp: 1920 }],
  ])('%s is held', (rule, wrong) => {
    expect(brokenBy([packet(1), { ...packet(2), ...wrong }])).toEqual([rule]);
  });

  test('a nonce is spent for good, one that is left out is not missed', () => {
    const nonces = [1, 2, 5, 1];
    const packets = nonces.map((nonce, index) => ({ ...packet(index), nonce }));
    expect(brokenBy(packets)).toEqual(['rtp nonce']);
  });

  test.each([
    ['voice speaking', { isAnnounced: false }, Buffer.of(1, 0xfa, 0xfa)],
    ['voice silence', { barred: 'it is muted' }, Buffer.of(1, 0xfa, 0xfa)],
    ['dave sound', {}, Buffer.of(1, 2, 3)],
  ])('%s is held when it goes on for more than a second', (rule, heard, payload) => {
    const packets = Array.from({ length: 51 }, (_, index) => ({ ...packet(index), payload }));
    expect(brokenBy(packets.slice(1), heard)).toEqual([]);
    expect(brokenBy(packets, heard)).toEqual([rule]);
  });

  test.each([
    ['dave key package', false, ['a', 'b'], ['b', 'a']],
    ['dave commit', true, undefined, ['a']],
    ['dave commit', true, ['a', 'b'], ['a']],
    ['dave commit', true, ['a'], ['a', 'its own']],
  ])('%s is held', (rule, hasKeyPackage, open, references) => {
    const violations = createViolations();
    checkCommit({ hasKeyPackage, open }, references, violations);
    expect(violations.list.map((each) => each.rule)).toEqual([rule]);
  });

  test('a proposal has a name of its own, the same each time', () => {
    const sender = new ExternalSender();
    const proposal = sender.add({ channelId: '1', epoch: 0n }, Buffer.from('Ada'));
    const other = sender.add({ channelId: '1', epoch: 0n }, Buffer.from('Ben'));
    expect(referenceOf(proposal)).toBe(referenceOf(Buffer.from(proposal)));
    expect(referenceOf(proposal)).not.toBe(referenceOf(other));
  });

  test('silence is end-to-end encrypted by nobody', () => {
    const payload = Buffer.of(0xf8, 0xff, 0xfe);
    const packets = Array.from({ length: 60 }, (_, index) => ({ ...packet(index), payload }));
    expect(brokenBy(packets)).toEqual([]);
  });
});

function packet(index: number) {
  const [sequence, timestamp, nonce] = [index, index * 960, index];
  const payload = Buffer.of(0xfa, 0xfa);
  return { payloadType: 120, sequence, timestamp, ssrc: 7, nonce, payload };
}

/** The rules that a session's packets break. */
function brokenBy(packets: readonly ReturnType<typeof packet>[], heard: Partial<Heard> = {}) {
  const violations = createViolations();
  const told = { isAnnounced: true, isSecret: true, barred: undefined, ...heard };
  const rules = createSoundRules(() => told, violations);
  for (const each of packets) rules.packet(each);
  return violations.list.map(({ rule }) => rule);
}
