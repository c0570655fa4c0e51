import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { VARIABLES } from '../src/config.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Imports point from a folder to one further down; the three ports share a step and never meet. */
const ORDER = [
  ['main'],
  ['commands'],
  ['bot'],
  ['playback'],
  ['speech'],
  ['voices'],
  ['guilds'],
  ['venice', 'audio', 'store'],
  ['domain'],
];
/** Who alone may know a library. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'discord.js': ['bot', 'commands', 'main'],
  '@discordjs/voice': ['playback'],
  undici: ['venice'],
  kysely: ['store'],
  'better-sqlite3': ['store'],
  '@ffmpeg/core': ['audio'],
  '@evan/opus': ['audio'],
  'mpg123-decoder': ['audio'],
};

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = ['src', 'commands'].flatMap((top) =>
  readdirSync(resolve(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(`${top}/${name}`)),
);

describe('the house', () => {
  test('imports point strictly down the order of folders', () => {
    const upward = files.flatMap((file) =>
      localImports(file)
        .filter((target) => !isAllowed(file.folder, folderOf(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  test('no circle of imports', () => {
    expect(findCircle()).toBeUndefined();
  });

  test('each library is known to its owners only', () => {
    const strangers = files.flatMap((file) =>
      file.imports
        .filter((name) => OWNERS[name] && !OWNERS[name].includes(file.folder))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(strangers).toEqual([]);
  });

  test('only config reads the environment', () => {
    const readers = files.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
    expect(readers).toEqual(['src/config.ts']);
  });

  test('no import is made at run time but the one that must follow its globals', () => {
    const dynamic = files.filter(({ text }) => /\bimport\s*\(/.test(text));
    expect(dynamic.map(({ path }) => path)).toEqual(['src/audio/ffmpeg-core.ts']);
  });

  test('.env.example names every variable that is read, and no other', () => {
    const example = readFileSync(resolve(ROOT, '.env.example'), 'utf8');
    const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name);
    expect(named.toSorted()).toEqual(VARIABLES.toSorted());
  });

  test('every command file is in the list, under its own name', () => {
    const names = files
      .filter(({ folder, path }) => folder === 'commands' && !path.endsWith('/index.ts'))
      .map(({ path }) => path.replace(/^commands\/|\.ts$/g, ''));
    expect(commands.map(({ data }) => data.name).toSorted()).toEqual(names.toSorted());
  });
});

function readSource(path: string): SourceFile {
  const text = readFileSync(resolve(ROOT, path), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s+'([^']+)'/g)].map(([, name = '']) => name);
  return { path, folder: folderOf(path), text, imports };
}

function folderOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'commands') return 'commands';
  return second.endsWith('.ts') ? second.replace('.ts', '') : second;
}

function localImports({ path, imports }: SourceFile): readonly string[] {
  return imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(ROOT, resolve(ROOT, dirname(path), name)));
}

/** `config` is read by `main` and, as a type, by the folders that serve the whole. */
function isAllowed(from: string, to: string): boolean {
  if (from === to) return true;
  if (to === 'config') return from !== 'domain';
  if (from === 'config') return to === 'domain';
  const rank = (folder: string) => ORDER.findIndex((step) => step.includes(folder));
  return rank(from) !== -1 && rank(from) < rank(to);
}

/** Also of types alone: two files that need each other are one idea, or three. */
function findCircle(): readonly string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    const file = byPath.get(path);
    if (done.has(path) || !file) return undefined;
    for (const next of localImports(file)) {
      const circle = visit(next, [...trail, path]);
      if (circle) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const circle = visit(path, []);
    if (circle) return circle;
  }
  return undefined;
}
