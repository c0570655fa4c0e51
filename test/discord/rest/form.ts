import type { z } from 'zod';
import { refuse } from './api-error.ts';

/** One thing wrong with a body, where it stands. */
export interface FormError {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
}

/**
 * Reads a body by its rules; what the rules do not name is dropped, as Discord does.
 * @throws ApiError 50035 with Discord's tree of errors.
 */
export function readForm<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const read = schema.safeParse(body, { reportInput: true });
  if (read.success) return read.data;
  throw invalidForm(read.error.issues.map(wordIssue));
}

/** The refusal that names each error at its place: `{ content: { _errors: [{ code, message }] } }`. */
export function invalidForm(errors: readonly FormError[]) {
  const tree: Record<string, unknown> = {};
  for (const { path, code, message } of errors) {
    let node = tree;
    for (const step of path) {
      node[String(step)] ??= {};
      node = node[String(step)] as Record<string, unknown>;
    }
    node['_errors'] ??= [];
    (node['_errors'] as object[]).push({ code, message });
  }
  return refuse('invalidForm', tree);
}

/** A rule of Discord's own, for `superRefine`: `params.code` becomes the code of the error. */
export function breach(code: string, message: string, path: readonly PropertyKey[] = []) {
  return { code: 'custom' as const, message, path: [...path], params: { code } };
}

function wordIssue(issue: z.core.$ZodIssue): FormError {
  const { path } = issue;
  switch (issue.code) {
    case 'too_big':
      return { path, ...wordSize(issue.origin, `${issue.maximum} or fewer`, 'MAX') };
    case 'too_small':
      return { path, ...wordSize(issue.origin, `at least ${issue.minimum}`, 'MIN') };
    case 'invalid_type':
      return issue.input === undefined
        ? { path, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }
        : { path, code: 'BASE_TYPE_BAD_TYPE', message: `Not a well formed ${issue.expected}.` };
    case 'invalid_value':
      return {
        path,
        code: 'BASE_TYPE_CHOICES',
        message: `Value must be one of {${issue.values.map(String).join(', ')}}.`,
      };
    case 'custom':
      return {
        path,
        code: String(issue.params?.['code'] ?? 'BASE_TYPE_BAD'),
        message: issue.message,
      };
    default:
      return { path, code: 'BASE_TYPE_BAD', message: issue.message };
  }
}

function wordSize(origin: string, bound: string, end: 'MAX' | 'MIN') {
  if (origin === 'number' || origin === 'int')
    return { code: `NUMBER_TYPE_${end}`, message: `Value must be ${bound}.` };
  return { code: `BASE_TYPE_${end}_LENGTH`, message: `Must be ${bound} in length.` };
}
