/** A rule of a service that was broken, and how. */
export interface Violation {
  readonly rule: string;
  readonly how: string;
}

/** What the bot did that the real service refuses, garbles or bans for. */
export interface Violations {
  /** Those that are not allowed. */
  readonly list: readonly Violation[];
  add(rule: string, how: string): void;
  /** For a test that has it happen on purpose. */
  allow(rule: string): void;
}

export function createViolations(): Violations {
  const all: Violation[] = [];
  const allowed = new Set<string>();
  return {
    get list() {
      return all.filter(({ rule }) => !allowed.has(rule));
    },
    add: (rule, how) => void all.push({ rule, how }),
    allow: (rule) => void allowed.add(rule),
  };
}
