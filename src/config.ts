import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isSnowflake } from './domain/ids.ts';
import { readKey } from './domain/key-text.ts';
import { fromUsd } from './domain/money.ts';

/** Everything the operator decides, read once at start and frozen. */
export type Config = Readonly<z.output<typeof schema>> & { readonly warnings: readonly string[] };

/** Start-up only: every problem of the environment at once, each with its remedy, no secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n- ${problems.join('\n- ')}`);
    this.problems = problems;
  }
}

const SECRETS = ['DISCORD_TOKEN', 'VENICE_API_KEY', 'MASTER_KEY'] as const;

/**
 * Reads the environment, with `.env` of the working directory filling what it lacks.
 * @throws ConfigError naming every problem.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  if (environment === process.env && existsSync('.env')) process.loadEnvFile('.env');
  const problems: string[] = [];
  const warnings: string[] = [];
  const values = readSecretFiles(tidy(environment, warnings), problems);
  const parsed = schema.safeParse(values);
  // A secret whose file is at fault is not missing besides.
  const issues = parsed.error?.issues.filter(({ path }) => !(`${String(path[0])}_FILE` in values));
  problems.push(...(issues?.map(wordIssue) ?? []), ...findSwapped(values));
  if (parsed.data) problems.push(...checkFolder(parsed.data.DATABASE_PATH));
  if (problems.length > 0 || !parsed.data) throw new ConfigError(problems);
  warnings.push(...findDoubts(parsed.data, values), ...findStrangers(environment));
  return Object.freeze({ ...parsed.data, warnings });
}

const snowflake = z
  .string()
  .refine(isSnowflake, 'is not a Discord id: turn on Developer Mode and use "Copy ID"');

const url = (allowsHttp: (host: string) => boolean, where: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
      message: 'is not a web address: write it as https://host/path',
      abort: true,
    })
    .refine((text) => {
      const { protocol, hostname } = new URL(text);
      return protocol === 'https:' || allowsHttp(hostname);
    }, `uses http:, which is allowed for ${where} only: use https:`)
    .transform((text) => text.replace(/\/+$/, ''));

const number = (least: number, most: number) =>
  z.coerce
    .number({ error: 'is not a number' })
    .min(least, `is too small: the least is ${least}`)
    .max(most, `is too large: the most is ${most}`);

const secret = (remedy: string) => z.string({ error: `is missing: ${remedy}` });

const schema = z.object({
  DISCORD_TOKEN: secret(
    'copy it from your application\'s "Bot" page on discord.com/developers',
  ).regex(/^\S+$/, 'has a space or a line break inside: copy it again'),
  DISCORD_API_URL: url(isNearby, 'loopback, a private address or a single-word host').default(
    'https://discord.com/api',
  ),
  DISCORD_CDN_URL: url(isLoopback, 'loopback').default('https://cdn.discordapp.com'),
  VENICE_API_KEY: secret('make an inference key on venice.ai, with a daily spend limit').regex(
    /^\S+$/,
    'has a space or a line break inside: copy it again',
  ),
  VENICE_API_URL: url(isLoopback, 'loopback').default('https://api.venice.ai/api/v1'),
  DATABASE_PATH: z
    .string()
    .default('data/myna.db')
    .transform((path) => resolve(path)),
  MASTER_KEY: z
    .string()
    .refine(
      (text) => readKey(text) !== undefined,
      'is not a key: it must be 32 bytes as base64 or hexadecimal',
    )
    .optional(),
  GUILD_ID: snowflake.optional(),
  ALLOWED_GUILDS: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ''))
    .superRefine((ids, { addIssue }) => {
      for (const id of ids.filter((each) => !isSnowflake(each)))
        addIssue(
          `has an entry that is no Discord id, ${JSON.stringify(id)}: separate ids by commas; turn on Developer Mode and use "Copy ID"`,
        );
    }),
  BUDGET_USD_PER_DAY: number(0, 1_000_000).default(5).transform(fromUsd),
  BUDGET_USD_PER_MONTH: number(0, 1_000_000).default(50).transform(fromUsd),
  SERVER_BUDGET_USD_PER_DAY: number(0, 1_000_000).default(1).transform(fromUsd),
  CLONE_USD: number(0, 1_000).transform(fromUsd).optional(),
  CONSENT_FLOOR: z
    .enum(['attest', 'spoken', 'approve'], { error: 'is not one of attest, spoken, approve' })
    .default('attest'),
  VOICES_PER_MEMBER: number(1, 25).int('is not a whole number').default(5),
  CACHE_MAX_MB: number(0, 1_000_000).int('is not a whole number').default(256),
  MODERATION_URL: url(isLoopback, 'loopback').optional(),
  PRIVACY_URL: url(() => false, 'nothing').optional(),
  OPERATOR_CHANNEL_ID: snowflake.optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'is not one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
});

/** The names `.env.example` must mirror. */
export const VARIABLES = Object.keys(schema.shape);

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isNearby(host: string): boolean {
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host) && isIP(host) === 4;
  return isLoopback(host) || isPrivate || /^[a-z0-9-]+$/i.test(host);
}

/** What looks like one of ours and is none: a slip in a name is a setting that is silently not made. */
function findStrangers(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set([...VARIABLES, ...SECRETS.map((name) => `${name}_FILE`)]);
  const families = new Set(VARIABLES.map((name) => name.split('_', 1)[0]));
  return Object.keys(environment)
    .filter((name) => !known.has(name) && families.has(name.split('_', 1)[0]))
    .map(
      (name) => `${name} is set but is no variable of this bot: see .env.example for the names.`,
    );
}

/** Empty is missing; a copied line break or pair of quotes is taken off, with a word about it. */
function tidy(environment: NodeJS.ProcessEnv, warnings: string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of [...VARIABLES, ...SECRETS.map((secret) => `${secret}_FILE`)]) {
    const raw = environment[name] ?? '';
    const value = raw.trim().replace(/^(["'])(.*)\1$/s, '$2');
    if (value === '') continue;
    if (value !== raw)
      warnings.push(`${name} had quotes or white space around it; they are ignored.`);
    values[name] = value;
  }
  return values;
}

function readSecretFiles(values: Record<string, string>, problems: string[]) {
  for (const name of SECRETS) {
    const file = values[`${name}_FILE`];
    if (file === undefined) continue;
    if (values[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set: keep one of them.`);
      continue;
    }
    try {
      const content = readFileSync(file, 'utf8').trim();
      if (content === '')
        problems.push(`${name}_FILE names an empty file: put the secret into it.`);
      else values[name] = content;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      problems.push(`${name}_FILE cannot be read (${reason}): check its path and its rights.`);
    }
  }
  return values;
}

function wordIssue(issue: z.core.$ZodIssue): string {
  return `${String(issue.path[0])} ${issue.message}.`;
}

/** A token is three parts, the first the bot's id in base64; a key of Venice's says so in its name. */
function findSwapped(values: Record<string, string>): string[] {
  const isToken = (text = '') => {
    const [first = '', ...rest] = text.split('.');
    return rest.length === 2 && isSnowflake(Buffer.from(first, 'base64').toString());
  };
  const isKey = (text = '') => /^VENICE[_-]/i.test(text);
  const { DISCORD_TOKEN: token, VENICE_API_KEY: key } = values;
  if (isKey(token) || (isToken(key) && !isToken(token)))
    return ['DISCORD_TOKEN and VENICE_API_KEY look swapped: exchange them.'];
  if (isToken(key)) return ['VENICE_API_KEY holds a Discord token: put the Venice key there.'];
  return [];
}

function checkFolder(databasePath: string): string[] {
  const folder = dirname(databasePath);
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (existsSync(databasePath)) {
      if (!statSync(databasePath).isFile())
        return [`DATABASE_PATH is not a file: ${databasePath}.`];
      accessSync(databasePath, constants.R_OK | constants.W_OK);
    }
    return [];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    return [
      `DATABASE_PATH cannot be written (${reason}): give the bot a folder it owns, not ${folder}.`,
    ];
  }
}

/** One by one: where nothing can be made, as in /proc, Node's recursive way never returns. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** What is allowed but worth a word. */
function findDoubts(config: z.output<typeof schema>, values: Record<string, string>): string[] {
  const doubts: string[] = [];
  const discord = new URL(config.DISCORD_API_URL);
  if (discord.protocol === 'http:' && !isLoopback(discord.hostname))
    doubts.push('DISCORD_API_URL uses http: the bot token travels unencrypted to that host.');
  const venice = new URL(config.VENICE_API_URL).hostname;
  if (venice !== 'api.venice.ai')
    doubts.push(`VENICE_API_URL is not Venice's own: the key and all text go to ${venice}.`);
  if (config.BUDGET_USD_PER_DAY === 0 || config.BUDGET_USD_PER_MONTH === 0)
    doubts.push('A budget of 0 is set: nothing that costs money will be spoken.');
  const { CLONE_USD: fee, BUDGET_USD_PER_DAY: perDay } = config;
  if (fee === 0) doubts.push('CLONE_USD is 0: clones count as free, and no budget bounds them.');
  if (fee !== undefined && fee > perDay / 2 && perDay > 0)
    doubts.push(
      'CLONE_USD is more than half of BUDGET_USD_PER_DAY, all that clones may take of it: nothing can be cloned or renewed.',
    );
  if (values['MODERATION_URL'] !== undefined)
    doubts.push('MODERATION_URL is not asked yet by this version.');
  return doubts;
}
