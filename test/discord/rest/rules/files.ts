import { invalidForm } from '../form.ts';
import type { SentFile } from '../request.ts';

/** What the bot may send: by the end of its name, the one type to announce and how its bytes begin. */
const KINDS: Readonly<Record<string, { readonly type: string; readonly begins: RegExp }>> = {
  mp3: { type: 'audio/mpeg', begins: /^(ID3|\xff[\xe0-\xff])/ },
  ogg: { type: 'audio/ogg', begins: /^OggS/ },
  wav: { type: 'audio/wav', begins: /^RIFF....WAVE/s },
  flac: { type: 'audio/flac', begins: /^fLaC/ },
  txt: { type: 'text/plain; charset=utf-8', begins: /^/ },
};

/**
 * Checks what each part of a form says of its file. Discord itself lets most of it pass and shows
 * the file as what it was announced as.
 * @throws ApiError 50035.
 */
export function checkFiles(files: readonly SentFile[]): void {
  const errors = files.flatMap(({ filename, contentType, bytes }, place) => {
    const kind = KINDS[/\.(\w+)$/.exec(filename)?.[1] ?? ''];
    const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
    if (kind?.type === contentType && kind.begins.test(head)) return [];
    const message = `${filename} is announced as ${contentType || 'nothing'} and begins with ${JSON.stringify(head)}`;
    return [{ path: ['files', place], code: 'BASE_TYPE_BAD', message }];
  });
  if (errors.length > 0) throw invalidForm(errors);
}
