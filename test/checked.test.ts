import { describe, expect, test } from 'vitest';
import { listChecks, readChecks } from './checked.ts';
import { createSoundRules, createVoiceRules, type Known } from './discord/voice/rules.ts';
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
  ])('%s is held', (rule, wrong) => {
    const violations = createViolations();
    const rules = createSoundRules(() => true, violations);
    const first = { payloadType: 120, sequence: 1, timestamp: 0, ssrc: 7, nonce: 1 };
    const second = { ...first, sequence: 2, timestamp: 960, nonce: 2 };
    for (const packet of [first, { ...second, ...wrong }])
      rules.packet({ ...packet, payload: Buffer.alloc(3) });
    expect(violations.list.map((each) => each.rule)).toEqual([rule]);
  });
});
