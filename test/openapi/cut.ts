/**
 * Cuts a service's OpenAPI document down to the calls that the bot makes:
 * `node test/openapi/cut.ts discord openapi.json` writes `test/openapi/discord.json`.
 * What is kept decides whether a request is right; examples, descriptions and answers are not.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Document, Operation, Schema } from './document.ts';
import { SERVICES, type ServiceName } from './operations.ts';

/** What only tells people something. */
const TALK = ['description', 'title', 'example', 'examples', 'default', 'deprecated', 'summary'];

const [name = '', file = ''] = process.argv.slice(2);
if (!(name in SERVICES)) throw new Error(`Name one of ${Object.keys(SERVICES).join(', ')}`);
const cut = cutDown(JSON.parse(readFileSync(file, 'utf8')), name as ServiceName);
writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(cut, null, 1)}\n`);

function cutDown(whole: Document, service: ServiceName): Document & { readonly about: object } {
  const { operations, source, licence } = SERVICES[service];
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [method, path] of operations) {
    const found = whole.paths[path];
    const operation = found?.[method] as Operation | undefined;
    if (!operation) throw new Error(`The document has no ${method} ${path}`);
    const shared = (found as { parameters?: Operation['parameters'] }).parameters ?? [];
    const { parameters = [], requestBody, security } = operation;
    paths[path] ??= {};
    paths[path][method] = bare({
      parameters: [...shared, ...parameters],
      ...(requestBody && { requestBody: { ...requestBody, content: formsOf(requestBody) } }),
      ...(security && { security }),
    });
  }
  const schemas = Object.fromEntries(
    [...namesIn(paths, whole.components.schemas)]
      .toSorted()
      .map((each) => [each, bare(whole.components.schemas[each])]),
  ) as Record<string, Schema>;
  const { openapi, info } = whole;
  const about = { source, licence, version: info.version, title: info.title };
  return { about, openapi, info: { version: info.version }, paths, components: { schemas } };
}

/** JSON where it is taken: its form carries the same beside the files. */
function formsOf({ content }: NonNullable<Operation['requestBody']>) {
  const type = 'application/json' in content ? 'application/json' : 'multipart/form-data';
  return { [type]: content[type] ?? {} };
}

/** Without what only tells people something; a property may bear such a name. */
function bare<T>(value: T, isProperties = false): T {
  if (Array.isArray(value)) return value.map((item) => bare(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key]) => isProperties || !(TALK.includes(key) || key.startsWith('x-')),
  );
  return Object.fromEntries(
    kept.map(([key, item]) => [key, bare(item, !isProperties && key === 'properties')]),
  ) as T;
}

/** The names of all schemas that are referred to, by others of them as well. */
function namesIn(value: unknown, schemas: Document['components']['schemas']): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (within: unknown) => {
    for (const [, each = ''] of JSON.stringify(within).matchAll(
      /#\/components\/schemas\/([^"]+)"/g,
    ))
      if (!names.has(each)) {
        names.add(each);
        look(schemas[each]);
      }
  };
  look(value);
  return names;
}
