import { describe, expect, test } from 'vitest';
import { bytesOnDisk } from './bytes-on-disk.ts';
import { openTemporary } from './open.ts';

const ADA = '111222333444555';

describe('forgetMember', () => {
  test('leaves no byte of theirs, and touches nobody else', async () => {
    await using opened = await openTemporary();
    const { store } = opened;
    await opened.addVoice(ADA, 'MARKER-OF-A-NAME', Buffer.from('x'.repeat(5000)));
    await opened.addVoice('2', 'Eve');
    await store.components.add({
      nonceHash: 'n',
      action: 'voice-hear',
      payload: { note: 'MARKER-OF-A-BUTTON' },
      userId: ADA,
      channelId: '9',
      expiresAt: Date.now() + 60_000,
    });
    await store.pending.add({
      interactionId: '7',
      applicationId: '8',
      token: 'token',
      channelId: '9',
      userId: ADA,
      at: Date.now() - 3_600_000,
      answer: '{}',
    });
    const theirs = new RegExp(`MARKER-OF-A-NAME|MARKER-OF-A-BUTTON|${ADA}`);
    expect(await bytesOnDisk(opened.path)).toMatch(theirs);
    await store.forgetMember(ADA);
    expect(await bytesOnDisk(opened.path)).not.toMatch(theirs);
    const eve = await store.members.findRef('2');
    expect(await store.voices.list(eve ?? '')).toHaveLength(1);
  });

  test('what was spent stays counted, under a reference that is nobody’s', async () => {
    await using opened = await openTemporary();
    const { ledger, members } = opened.store;
    const before = await members.refOf(ADA);
    const spent = { characters: 40, microUsd: 9, at: 1 };
    const entry = {
      id: 'u',
      kind: 'line',
      guildId: '1',
      member: before,
      voice: undefined,
    } as const;
    await ledger.reserve({ ...entry, ...spent }, []);
    await opened.store.forgetMember(ADA);
    expect(await ledger.usage(0)).toMatchObject({ lines: 1, characters: 40, microUsd: 9 });
    expect(await members.findUserId(before)).toBeUndefined();
    expect(await members.refOf(ADA)).not.toBe(before);
  });

  test('does not lift a block', async () => {
    await using opened = await openTemporary();
    await opened.store.blocks.put('1', ADA, { reason: undefined, until: undefined, by: undefined });
    await opened.store.forgetMember(ADA);
    expect(await opened.store.blocks.find('1', ADA)).toBeDefined();
  });

  test('somebody unknown is forgotten without further ado', async () => {
    await using opened = await openTemporary();
    await opened.store.forgetMember(ADA);
    expect(await opened.store.members.findRef(ADA)).toBeUndefined();
  });
});
