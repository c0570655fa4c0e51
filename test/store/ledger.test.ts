import { describe, expect, test } from 'vitest';
import { openTemporary } from './open.ts';

describe('the ledger', () => {
  test('of two hundred reservations at once just as many pass as the cap allows', async () => {
    await using opened = await openTemporary();
    const cap = { sum: 'microUsd', since: 0, max: 1000 } as const;
    const reserve = (index: number) =>
      opened.store.ledger.reserve(
        { id: String(index), guildId: '1', member: 'm', characters: 1, microUsd: 150, at: 1 },
        [cap],
      );
    const reached = await Promise.all(Array.from({ length: 200 }, (_, index) => reserve(index)));
    expect(reached.filter((one) => one === undefined)).toHaveLength(6);
    expect(await opened.store.ledger.usage(0)).toMatchObject({ lines: 6, microUsd: 900 });
  });

  test('what a crash left reserved is spent, what was released is not', async () => {
    await using opened = await openTemporary();
    const entry = { guildId: '1', member: 'm', characters: 1, microUsd: 100, at: 1 };
    await opened.store.ledger.reserve({ ...entry, id: 'crashed' }, []);
    await opened.store.ledger.reserve({ ...entry, id: 'released' }, []);
    await opened.store.ledger.release('released');
    await opened.reopen();
    await opened.store.ledger.release('crashed');
    expect(await opened.store.ledger.usage(0)).toMatchObject({ microUsd: 100 });
  });
});
