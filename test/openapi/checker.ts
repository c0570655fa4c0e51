import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { amended } from './amendments.ts';
import type { Document, Operation, Parameter, Schema } from './document.ts';
import type { ServiceName } from './operations.ts';

/** A request, as far as an OpenAPI document speaks of it. */
export interface CheckedRequest {
  readonly method: string;
  /** Below the version, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** JSON, or the fields of a form with a text for each file. */
  readonly body: unknown;
}

/** Says what is wrong with a request by the service's own document, a sentence for each thing. */
export type Checker = (request: CheckedRequest) => readonly string[];

/**
 * Checks requests against the cut of a service's document. Stricter than the service: a field that
 * the document does not name is wrong, also where the service would leave it aside.
 */
export function createChecker(service: ServiceName): Checker {
  const document = readDocument(service);
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  ajv.addSchema(document, service);
  const calls = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      parts: path.split('/'),
      operation,
      checkBody: bodyCheck(ajv, service, { path, method, operation }),
      parameters: (operation.parameters ?? []).map((parameter) => ({
        ...parameter,
        check: ajv.compile(within(service, parameter.schema)),
      })),
    })),
  );
  // `@original` before `{message_id}`.
  const byLiterals = calls.toSorted((a, b) => wildcards(a.parts) - wildcards(b.parts));

  return ({ method, path, query, body }) => {
    const given = path.split('/');
    const call = byLiterals.find((each) => each.method === method && fits(each.parts, given));
    if (!call) return [`${method} ${path} is no call that the bot is known to make`];
    const names = call.parameters.map(({ name }) => name);
    return [
      ...[...query.keys()]
        .filter((name) => !names.includes(name))
        .map((name) => `the query has no parameter ${name}`),
      ...call.parameters.flatMap((parameter) =>
        checkParameter(parameter, textOf(parameter, { query, parts: call.parts, given })),
      ),
      ...checkBody(call.checkBody, body),
    ];
  };
}

/** The cut of a service's document, amended and closed: no object has a field that is not named. */
export function readDocument(service: ServiceName): Document {
  const text = readFileSync(new URL(`${service}.json`, import.meta.url), 'utf8');
  return closed(amended(JSON.parse(text) as Document, service));
}

/** What the formats named in the documents mean; numbers are bounded where it matters. */
const FORMATS = {
  int32: true,
  int64: true,
  double: true,
  binary: true,
  nonce: true,
  snowflake: /^\d{1,20}$/,
  uri: (text: string) => URL.canParse(text) || text.startsWith('attachment://'),
  'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
} as const;

/** Parts of an `allOf` stay open: each names only some of the fields. */
function closed<T>(value: T, isPart = false): T {
  if (Array.isArray(value)) return value.map((item) => closed(item, isPart)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, closed(item, key === 'allOf')]);
  const copy = Object.fromEntries(entries) as Schema;
  const isOpen = copy.type === 'object' && copy.properties && !('additionalProperties' in copy);
  return (isOpen && !isPart ? { ...copy, additionalProperties: false } : copy) as T;
}

function bodyCheck(
  ajv: Ajv2020,
  service: ServiceName,
  { path, method, operation }: { path: string; method: string; operation: Operation },
): ValidateFunction | undefined {
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  if (type === undefined) return undefined;
  const steps = ['paths', path, method, 'requestBody', 'content', type, 'schema'];
  const pointer = steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  return ajv.compile({ $ref: `${service}#/${encodeURI(pointer)}` });
}

/** A schema on its own, whose references lead into the document. */
function within(service: ServiceName, schema: Schema): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/', `"${service}#/`);
  return JSON.parse(text) as Schema;
}

const isWildcard = (part: string) => part.startsWith('{');
const wildcards = (parts: readonly string[]) => parts.filter(isWildcard).length;

function fits(parts: readonly string[], given: readonly string[]): boolean {
  return (
    parts.length === given.length &&
    parts.every((part, place) => isWildcard(part) || part === given[place])
  );
}

function textOf(
  { name, in: place }: Parameter,
  given: { query: URLSearchParams; parts: readonly string[]; given: readonly string[] },
): string | undefined {
  if (place === 'path') return given.given[given.parts.indexOf(`{${name}}`)];
  return place === 'query' ? (given.query.get(name) ?? undefined) : undefined;
}

/** Everything in an address is text: what is meant as something else has to read as it. */
function checkParameter(
  { name, required, schema, check }: Parameter & { readonly check: ValidateFunction },
  value: string | undefined,
): readonly string[] {
  if (value === undefined) return required ? [`the parameter ${name} is missing`] : [];
  const isText = schema.type === undefined || schema.type === 'string';
  if (check(isText ? value : readJson(value))) return [];
  return [`the parameter ${name} is ${JSON.stringify(value)}`];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function checkBody(check: ValidateFunction | undefined, body: unknown): readonly string[] {
  if (!check) return body === undefined ? [] : ['a body is sent where none is read'];
  if (check(body ?? null)) return [];
  return nearest(check.errors ?? []).map(wordError);
}

/** Of the many ways in which something is none of several things, the one that came furthest. */
function nearest(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const depth = ({ instancePath }: ErrorObject) => instancePath.split('/').length;
  const own = errors.filter(({ keyword }) => !['oneOf', 'anyOf', '$ref'].includes(keyword));
  const deepest = Math.max(...own.map(depth));
  return own.filter((error) => depth(error) === deepest).slice(0, 3);
}

function wordError({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty } = params as { readonly additionalProperty?: string };
  const where = instancePath === '' ? 'the body' : instancePath.slice(1).replaceAll('/', '.');
  if (additionalProperty !== undefined) return `${where} has no field ${additionalProperty}`;
  return `${where} ${message ?? 'is wrong'}`;
}
