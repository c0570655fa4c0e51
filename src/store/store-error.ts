/** Why the store cannot be opened; `remedy` is for the operator. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: 'locked' | 'newer' | 'corrupt' | 'key-bad' | 'key-missing' | 'key-mismatch';

  constructor(kind: StoreError['kind'], remedy: string, options?: ErrorOptions) {
    super(remedy, options);
    this.kind = kind;
  }
}

/** Whether a write failed because there is no room left. */
export function isDiskFull(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_FULL';
}

/** Whether another process held the database for longer than it was waited for; nothing was done. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** SQLite's name for what went wrong, as `SQLITE_BUSY`; empty for any other error. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}
