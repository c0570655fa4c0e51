/** `in 5 minutes`, counted by the reader's Discord. */
export function wordWhen(at: number): string {
  return `<t:${Math.ceil(at / 1000)}:R>`;
}

/** `40 seconds`, `3 minutes`. */
export function wordSeconds(seconds: number): string {
  if (seconds < 1.5) return 'a second';
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

/** A name as members typed it, shown as code: nothing in it is formatted, mentioned or linked. */
export function quoteName(name: string): string {
  return `\`${name.slice(0, 40).replaceAll('`', "'")}\``;
}

/** Permissions or the like, in bold. */
export function listNames(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names.map((name) => `**${name}**`));
}
