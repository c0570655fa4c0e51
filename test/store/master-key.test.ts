import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { type OpenedStore, openTemporary } from './open.ts';

describe('the master key', () => {
  test('is made on the first start, whole, for its owner only', async () => {
    await using opened = await openTemporary();
    const file = keyFileOf(opened);
    expect(Buffer.from(await readFile(file, 'utf8'), 'base64')).toHaveLength(32);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(file))).not.toContain('master.key.new');
  });

  test('a key file beside a new database is adopted', async () => {
    await using opened = await openTemporary();
    await opened.close();
    const key = await readFile(keyFileOf(opened), 'utf8');
    await rm(opened.path);
    await opened.reopen();
    expect(await readFile(keyFileOf(opened), 'utf8')).toBe(key);
  });

  test('a database that was emptied beside it is refused, and nothing is written', async () => {
    await using opened = await openTemporary();
    await opened.addVoice('1', 'Ada');
    await opened.close();
    await writeFile(opened.path, '');
    const before = await readdir(dirname(opened.path));
    await expect(open(opened)).rejects.toMatchObject({ kind: 'corrupt' });
    expect((await stat(opened.path)).size).toBe(0);
    expect(await readdir(dirname(opened.path))).toEqual(before);
    // Nor is it begun anew under a key that is kept elsewhere.
    const key = await readFile(keyFileOf(opened), 'utf8');
    await rm(keyFileOf(opened));
    await expect(open(opened, key)).rejects.toMatchObject({ kind: 'corrupt' });
    expect((await stat(opened.path)).size).toBe(0);
  });

  test('while nothing is encrypted a lost one is made anew; after that it is missed', async () => {
    await using opened = await openTemporary();
    await opened.close();
    await rm(keyFileOf(opened));
    await opened.reopen();
    await opened.addVoice('1', 'Ada');
    await opened.close();
    await rm(keyFileOf(opened));
    await expect(open(opened)).rejects.toMatchObject({ kind: 'key-missing' });
    expect(await readdir(dirname(opened.path))).not.toContain('master.key');
  });

  test('another one is refused, and the right one still works afterwards', async () => {
    await using opened = await openTemporary();
    const sample = Buffer.from('a recording');
    const voice = await opened.addVoice('1', 'Ada', sample);
    await opened.close();
    const other = Buffer.alloc(32, 1).toString('base64');
    await expect(open(opened, other)).rejects.toMatchObject({ kind: 'key-mismatch' });
    await rename(keyFileOf(opened), `${opened.path}.backup`);
    await writeFile(keyFileOf(opened), other);
    await expect(open(opened)).rejects.toMatchObject({ kind: 'key-mismatch' });
    const right = await readFile(`${opened.path}.backup`, 'utf8');
    await using store = await open(opened, right);
    expect(await store.voices.readSample(voice)).toEqual(sample);
  });

  test.for([
    ['hexadecimal', 'hex'],
    ['base64', 'base64'],
    ['base64url', 'base64url'],
  ] as const)('is the same written as %s', async ([, encoding]) => {
    await using opened = await openTemporary();
    await opened.close();
    const key = Buffer.from(await readFile(keyFileOf(opened), 'utf8'), 'base64');
    await using store = await open(opened, key.toString(encoding));
    expect(store).toBeDefined();
  });

  test.for([
    'short',
    'f'.repeat(63),
    `${'A'.repeat(20)} ${'A'.repeat(23)}=`,
    `${'A'.repeat(43)}==`,
  ])('%j is no key', async (value) => {
    await using opened = await openTemporary();
    await opened.close();
    await expect(open(opened, value)).rejects.toMatchObject({ kind: 'key-bad' });
    await expect(open(opened, value)).rejects.not.toThrow(value);
  });
});

function open({ path }: OpenedStore, masterKey?: string) {
  return openStore({ path, masterKey, clock: Date.now, log: pino({ level: 'silent' }) });
}

function keyFileOf({ path }: OpenedStore): string {
  return join(dirname(path), 'master.key');
}
