import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CDN_RULES } from './discord/cdn.ts';
import { GATEWAY_EVENTS } from './discord/gateway/rules.ts';
import { VOICE_EVENTS, VOICE_RULES } from './discord/voice/rules.ts';
import { readDocument } from './openapi/checker.ts';
import type { Schema } from './openapi/document.ts';
import { SERVICES, type ServiceName } from './openapi/operations.ts';

/**
 * Writes the list of what the stand-ins check of what the bot sends: call, field, rule.
 * `node test/checked.ts` after a change of the rules; a test compares.
 */
export const CHECKED = new URL('CHECKED.md', import.meta.url);

export function listChecks(): string {
  const names = Object.keys(SERVICES) as ServiceName[];
  return [
    '# What the stand-ins check',
    'Made by `node test/checked.ts`. A field that is not in this list is refused.',
    ...names.flatMap(listService),
    ...listEvents('Gateway, by opcode', GATEWAY_EVENTS),
    ...listEvents('Voice gateway, by opcode', VOICE_EVENTS),
    '## Voice and sound, in words',
    table(['rule', 'meaning'], Object.entries(VOICE_RULES)),
    '## CDN, in words',
    table(['rule', 'meaning'], Object.entries(CDN_RULES)),
    '## Not checked',
    NOT_CHECKED.map((each) => `- ${each}`).join('\n'),
    '',
  ].join('\n\n');
}

const NOT_CHECKED = [
  'nonces that come again later, and packets that are missing, beyond what each test counts',
  'sound that is sent while the bot is muted or suppressed',
  'whether a retry waits as long as `retry_after` asks for',
  'the content type of a JSON body, and fields of a form beside its JSON and files',
  'Venice: what its pages say beyond its document, but for `test/venice/speech-rules.ts`',
] as const;

function listService(service: ServiceName): readonly string[] {
  const { paths, components } = readDocument(service);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => {
      const call = `${method.toUpperCase()} ${path}`;
      const bodies = Object.entries(requestBody?.content ?? {});
      const rows = [
        ...parameters.map(({ name, in: place, required, schema }) => [
          call,
          `${place} \`${name}\``,
          rule(schema, required),
        ]),
        ...bodies.map(([type, { schema = {} }]) => [call, `body, ${type}`, rule(schema, true)]),
      ];
      return rows.length > 0 ? rows : [[call, '', 'nothing is sent']];
    }),
  );
  const fields = Object.entries(components.schemas).flatMap(([name, schema]) =>
    Object.entries(schema.properties ?? {}).map(([field, each]) => [
      name,
      `\`${field}\``,
      rule(each, schema.required?.includes(field)),
    ]),
  );
  return [
    `## ${service}, by its OpenAPI document`,
    table(['call', 'field', 'rule'], calls),
    table(['schema', 'field', 'rule'], fields),
  ];
}

function listEvents(title: string, events: Readonly<Record<string, z.ZodType>>) {
  const rows = Object.entries(events).flatMap(([opcode, event]) => {
    const schema = z.toJSONSchema(event) as Schema;
    const fields = Object.entries(schema.properties ?? { '': schema });
    return fields.map(([field, each]) => [
      opcode,
      field,
      rule(each, schema.required?.includes(field)),
    ]);
  });
  return [`## ${title}`, table(['opcode', 'field', 'rule'], rows)];
}

/** A schema in a cell: what it refers to by name, all else as it is. */
function rule(schema: Schema, isRequired = false): string {
  const words = Object.entries(schema).filter(([key]) => key !== '$schema' && key !== 'format');
  const text = JSON.stringify(Object.fromEntries(words))
    .replaceAll(/\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g, '$1')
    .replaceAll(/"/g, '')
    .replaceAll('|', '\\|');
  return `${isRequired ? 'required ' : ''}${text.replace(/^\{(.*)\}$/, '$1')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) await writeFile(CHECKED, listChecks());

export async function readChecks(): Promise<string> {
  return await readFile(CHECKED, 'utf8');
}
