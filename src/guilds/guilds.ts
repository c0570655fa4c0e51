import type { MicroUsd } from '../domain/money.ts';
import type { Clock } from '../domain/time.ts';
import type { Store } from '../store/store.ts';
import { type Access, createAccess } from './access.ts';
import type { Budget } from './caps.ts';
import { type CloneMoney, createCloneMoney } from './clone-money.ts';
import { createLimits, type Limits } from './limits.ts';
import { createMoney, type Money } from './money.ts';
import { createPolicies, type Policies } from './policy.ts';
import type { IsTrusted } from './trust.ts';

/** All that a server decides. */
export interface Guilds {
  readonly policies: Policies;
  readonly access: Access;
  readonly limits: Limits;
  readonly money: Money;
  readonly cloneMoney: CloneMoney;
  readonly isTrusted: IsTrusted;
}

export function createGuilds(options: {
  store: Store;
  budget: Budget;
  /** The most a server may spend a day that is not trusted. */
  serverUsd: MicroUsd;
  /** What a clone or a renewal costs where the catalogue does not say. */
  cloneUsd: MicroUsd | undefined;
  isTrusted: IsTrusted;
  clock: Clock;
}): Guilds {
  const { store, serverUsd, isTrusted, clock } = options;
  const { ledger, counters, voices } = store;
  const policies = createPolicies(store.guilds, serverUsd);
  const common = { ...options, ledger, counters, policies };
  return {
    policies,
    access: createAccess(store),
    limits: createLimits({ policies, counters, clock }),
    money: createMoney(common),
    cloneMoney: createCloneMoney({ ...common, voices }),
    isTrusted,
  };
}
