import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import { type Stage, setStage } from './stage.ts';

const DISK_BYTES = 16 * 1_048_576;
/** Far less than a voice with its recording takes; noting an answer takes some. */
const VOICE_BYTES = 65_536;
const RESERVE_BYTES = 4 * 1_048_576;

let stage: Stage;
let disk: ReturnType<typeof mountDisk>;
beforeAll(async () => {
  disk = mountDisk();
  stage = await setStage({ folder: disk.folder });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  disk.unmount();
});

test('a disk that is full keeps nothing new, and lets a member delete', async () => {
  const { ada, guild } = stage;
  const bo = guild.addMember({ name: 'Bo' });
  await stage.clone(ada, 'First');
  await stage.clone(ada, 'Second');
  await stage.clone(bo, 'Third');
  disk.fill();
  expect(await stage.bot.stop()).toBe(0);
  disk.empty();
  await stage.restart();
  disk.fill();
  if (disk.isReal) {
    const refused = await (await ada.runs('say', { text: 'Not now.', output: 'file' })).done();
    expect(refused.text).toContain('deleting still works');
  }

  expect(await deletes(ada, 'First')).toContain('is deleted here');
  expect(namesLeft()).toEqual(['Second', 'Third']);
  expectErased();
  disk.fill();
  const card = await ada.runs('privacy delete');
  await card.done();
  expect((await (await card.clicks('Delete everything')).done()).text).toContain('Deleted:');
  expect(namesLeft()).toEqual(['Third']);
  expectErased();

  if (!disk.isReal) return;
  rmSync(join(disk.folder, 'myna.db.reserve'));
  disk.fill();
  expect(await deletes(bo, 'Third')).toContain('not even the little room');
  expect(namesLeft()).toEqual(['Third']);
  disk.empty();
  expect(await deletes(bo, 'Third')).toContain('is deleted here');
  expectErased();
});

async function deletes(member: Member, voice: string): Promise<string> {
  const card = await member.runs('voices delete', { voice });
  await card.done();
  return (await (await card.clicks('Delete it')).done()).text;
}

function namesLeft(): string[] {
  const sqlite = new BetterSqlite(join(disk.folder, 'myna.db'), { readonly: true });
  const names = sqlite.prepare<[], string>('select name from voice order by name').pluck().all();
  sqlite.close();
  return names;
}

/** No voice is left in the log, and the room for the next deletion is taken again. */
function expectErased(): void {
  expect(statSync(join(disk.folder, 'myna.db-wal')).size).toBeLessThan(VOICE_BYTES);
  expect(statSync(join(disk.folder, 'myna.db.reserve')).size).toBe(RESERVE_BYTES);
}

/** A small file system of its own; where none may be mounted, a folder that is never full. */
function mountDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const rest = join(folder, 'filled');
  let isReal = true;
  try {
    const size = `size=${DISK_BYTES}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    isReal = false;
  }
  return {
    folder,
    isReal,
    fill() {
      if (!isReal) return;
      const file = openSync(rest, 'a');
      try {
        for (;;) writeSync(file, Buffer.alloc(4096, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(rest, { force: true }),
    unmount() {
      if (isReal) execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
