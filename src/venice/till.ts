/** Where each try of a call is paid for, told by the one who knows whether it reached the provider. */
export interface Till {
  /** Before a try goes out. What it throws ends the call. */
  charge(): Promise<void>;
  /** The head of an answer to the last try is here, whatever it says. */
  answered(): void;
  /** The provider certainly made nothing of the last try. */
  giveBack(): void;
}

/** For what costs nothing. */
export const FREE: Till = {
  charge: () => Promise.resolve(),
  answered: () => undefined,
  giveBack: () => undefined,
};

/**
 * A till for the tries of one thing, one after the other. Whether anything was made of a try that was
 * lost without an answer nobody knows: the next takes over what was paid for it, so that all such cost
 * as one.
 */
export function payPerAnswer(till: Omit<Till, 'answered'>): Till {
  let isPaid = false;
  let wasPaid = false;
  return {
    async charge() {
      wasPaid = isPaid;
      if (!wasPaid) await till.charge();
      isPaid = true;
    },
    answered() {
      isPaid = false;
    },
    giveBack() {
      isPaid = wasPaid;
      if (!wasPaid) till.giveBack();
    },
  };
}
