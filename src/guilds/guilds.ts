import type { Clock } from '../domain/time.ts';
import type { Store } from '../store/store.ts';
import { type Access, createAccess } from './access.ts';
import type { Budget } from './caps.ts';
import { createLimits, type Limits } from './limits.ts';
import { createMoney, type Money } from './money.ts';
import { createPolicies, type Policies } from './policy.ts';

/** All that a server decides. */
export interface Guilds {
  readonly policies: Policies;
  readonly access: Access;
  readonly limits: Limits;
  readonly money: Money;
}

export function createGuilds(options: { store: Store; budget: Budget; clock: Clock }): Guilds {
  const { store, clock } = options;
  const { ledger, counters } = store;
  const policies = createPolicies(store.guilds);
  return {
    policies,
    access: createAccess(store),
    limits: createLimits({ policies, counters, audit: store.audit, clock }),
    money: createMoney({ ...options, ledger, counters, policies }),
  };
}
