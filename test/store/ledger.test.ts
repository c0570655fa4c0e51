import { describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/store/ledger.ts';
import { openTemporary } from './open.ts';

const ENTRY: LedgerEntry = {
  id: 'e',
  kind: 'line',
  guildId: '1',
  member: 'm',
  voice: undefined,
  characters: 1,
  microUsd: 100,
  at: 1,
};

describe('the ledger', () => {
  test('of two hundred reservations at once just as many pass as the cap allows', async () => {
    await using opened = await openTemporary();
    const cap = { name: 'bot', until: 1000, max: { microUsd: 1000 } };
    const reserve = (index: number) =>
      opened.store.ledger.reserve({ ...ENTRY, id: String(index), microUsd: 150 }, [cap]);
    const reserved = await Promise.all(Array.from({ length: 200 }, (_, index) => reserve(index)));
    expect(reserved.filter((one) => 'settle' in one)).toHaveLength(6);
    expect(reserved.at(-1)).toEqual({ cap, sum: 'microUsd' });
    expect(await opened.store.ledger.usage(0)).toMatchObject({ lines: 6, microUsd: 900 });
  });

  test('what a crash left reserved is spent, what was released is not', async () => {
    await using opened = await openTemporary({ clock: () => ENTRY.at });
    const cap = { name: 'bot', until: 1000, max: { microUsd: 200 } };
    const reserve = async (id: string) => {
      const reserved = await opened.store.ledger.reserve({ ...ENTRY, id }, [cap]);
      return 'settle' in reserved ? reserved : undefined;
    };
    await reserve('crashed');
    await (await reserve('released'))?.release();
    await opened.reopen();
    expect(await opened.store.ledger.usage(0)).toMatchObject({ microUsd: 100 });
    expect(await reserve('next')).toBeDefined();
    expect(await reserve('too much')).toBeUndefined();
  });

  test('a counter goes with its period, and what is given back later touches no other', async () => {
    await using opened = await openTemporary();
    const { ledger } = opened.store;
    const capOf = (name: string, until: number) => ({ name, until, max: { characters: 10 } });
    const first = await ledger.reserve({ ...ENTRY, characters: 10 }, [capOf('today', 50)]);
    const next = { ...ENTRY, id: 'next', characters: 10, at: 50 };
    expect(await ledger.reserve(next, [capOf('tomorrow', 90)])).toHaveProperty('settle');
    if ('settle' in first) await first.release();
    const more = { ...ENTRY, id: 'more', at: 51 };
    expect(await ledger.reserve(more, [capOf('tomorrow', 90)])).toHaveProperty('cap');
    expect(await ledger.reserve(more, [capOf('today', 90)])).toHaveProperty('settle');
  });
});
