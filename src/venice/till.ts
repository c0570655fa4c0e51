/** Where each try of a call is paid for, told by the one who knows whether it reached the provider. */
export interface Till {
  /** Before a try goes out. What it throws ends the call. */
  charge(): Promise<void>;
  /** The provider certainly made nothing of the last try. */
  giveBack(): void;
}

/** For what costs nothing. */
export const FREE: Till = { charge: () => Promise.resolve(), giveBack: () => undefined };
