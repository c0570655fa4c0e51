import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Everything beside and in the database, log included, as one text of bytes. */
export async function bytesOnDisk(databasePath: string): Promise<string> {
  const folder = dirname(databasePath);
  const files = await readdir(folder);
  const bytes = await Promise.all(files.map((file) => readFile(join(folder, file))));
  return Buffer.concat(bytes).toString('latin1');
}
