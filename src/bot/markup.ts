/** `in 5 minutes`, counted by the reader's Discord. */
export function wordWhen(at: number): string {
  return `<t:${Math.ceil(at / 1000)}:R>`;
}

/** `5 December 2026 14:05`, in the reader's own zone. */
export function wordDate(at: number): string {
  return `<t:${Math.ceil(at / 1000)}:f>`;
}

/** `40 seconds`, `3 minutes`. */
export function wordSeconds(seconds: number): string {
  if (seconds < 1.5) return 'a second';
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

/** A name as members typed it, shown as code: nothing in it is formatted, mentioned or linked. */
export function quoteName(name: string): string {
  return quoteText(name, 40);
}

/** What a member typed, shown likewise, on one line. */
export function quoteText(text: string, most: number): string {
  return `\`${text.slice(0, most).replaceAll('`', "'").replaceAll(/\s+/g, ' ')}\``;
}

/** Permissions or the like, in bold. */
export function listNames(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names.map((name) => `**${name}**`));
}
