import { fromUsd } from '../../src/domain/money.ts';
import { createGuilds, type Guilds } from '../../src/guilds/guilds.ts';
import { type OpenedStore, openTemporary } from '../store/open.ts';

/** What servers decide, over a store of their own, at a time that is set by hand. */
export interface Setting extends AsyncDisposable {
  readonly opened: OpenedStore;
  readonly time: { now: number };
  /** Servers that the operator trusts. */
  readonly trusted: Set<string>;
  guilds: Guilds;
  reopen(): Promise<void>;
}

/** Noon of a day in the middle of a month. */
export const NOON = Date.UTC(2026, 5, 15, 12);

export async function openSetting(
  usd: { perDay?: number; perMonth?: number; server?: number; clone?: number } = {},
): Promise<Setting> {
  const time = { now: NOON };
  const clock = () => time.now;
  const opened = await openTemporary({ clock });
  const make = () =>
    createGuilds({
      store: opened.store,
      budget: { perDay: fromUsd(usd.perDay ?? 5), perMonth: fromUsd(usd.perMonth ?? 50) },
      serverUsd: fromUsd(usd.server ?? 1),
      cloneUsd: usd.clone === undefined ? undefined : fromUsd(usd.clone),
      isTrusted: (guildId) => Promise.resolve(setting.trusted.has(guildId)),
      clock,
    });
  const setting: Setting = {
    opened,
    time,
    trusted: new Set(),
    guilds: make(),
    async reopen() {
      await opened.reopen();
      setting.guilds = make();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
  return setting;
}
