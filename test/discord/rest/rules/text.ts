import { z } from 'zod';
import { breach } from '../form.ts';

/** Text of so many characters, counted as code points as Discord's servers do. */
export function text(max: number, min = 0) {
  return z.string().superRefine((value, context) => {
    const length = [...value].length;
    if (length > max)
      context.addIssue(breach('BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`));
    if (length < min)
      context.addIssue(
        breach('BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`),
      );
  });
}

export const SNOWFLAKE = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((id) => /^\d{1,20}$/.test(id), 'Value is not snowflake.');

/** A link of the given schemes. */
export function link(...schemes: string[]) {
  return z.string().superRefine((value, context) => {
    const scheme = /^([a-z]+):\/\//.exec(value)?.[1];
    if (scheme === undefined || !schemes.includes(scheme))
      context.addIssue(
        breach('URL_TYPE_INVALID_SCHEME', `Scheme must be one of ${schemes.join(', ')}.`),
      );
  });
}
