import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CDN_RULES } from './discord/cdn.ts';
import { GATEWAY_EVENTS } from './discord/gateway/rules.ts';
import { REST_RULES } from './discord/rest/call-rules.ts';
import { VOICE_EVENTS, VOICE_RULES } from './discord/voice/rules.ts';
import { readDocument } from './openapi/checker.ts';
import type { Schema } from './openapi/document.ts';
import { SERVICES, type ServiceName } from './openapi/operations.ts';
import { VENICE_RULES } from './venice/rules.ts';

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
    '## Discord, in words',
    table(['rule', 'meaning'], Object.entries(REST_RULES)),
    ...listEvents('Gateway, by opcode', GATEWAY_EVENTS),
    ...listEvents('Voice gateway, by opcode', VOICE_EVENTS),
    '## Voice and sound, in words',
    table(['rule', 'meaning'], Object.entries(VOICE_RULES)),
    '## CDN, in words',
    table(['rule', 'meaning'], Object.entries(CDN_RULES)),
    '## Venice, in words',
    table(['rule', 'meaning'], Object.entries(VENICE_RULES)),
    '## Not checked',
    NOT_CHECKED.map((each) => `- ${each}`).join('\n'),
    '',
  ].join('\n\n');
}

const NOT_CHECKED = [
  'RTP: that the timestamp wraps: the library begins at 0 again, once a day of sound',
  'Venice: whether a call follows a 429 that its own count of a minute answered too soon',
  'DAVE: the fields of key packages, and proposals to remove: nobody is removed from a call',
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
