import type { Violations } from '../../violations.ts';
import { FLAGS, isLoading } from '../world/messages.ts';
import type { Message, OpenInteraction, World } from '../world/world.ts';
import type { ApiRequest } from './request.ts';

/** What Discord's pages say of calls beyond its document, each checked below. */
export const REST_RULES = {
  'rest content type': 'a JSON body is announced as application/json',
  'rest form': 'a form has payload_json once, files[n] of different n, and nothing else',
  'rest retry':
    'after a 429, not before its retry_after: that call; after a global one, all but answers',
  'rest acknowledgement': 'an interaction is answered once, and within 3 s',
  'rest follow-up': 'nothing else is said of an interaction before it was answered',
  'rest token': 'the token of an interaction is used for 15 minutes',
  'rest ephemeral': 'who sees a message is said when it is made, or its answer deferred',
} as const;

/** The calls of a bot, as the rules see them. */
export interface CallRules {
  /** As it comes in. */
  call(request: ApiRequest): void;
  /** It was done, but its answer was lost: it may be made again. */
  lost(request: ApiRequest): void;
  /** It was refused with a 429, for so many seconds; `isGlobal`: as was all else. */
  held(request: ApiRequest, seconds: number, isGlobal: boolean): void;
}

export const ACK_TIMEOUT_MS = 3_000;
export const TOKEN_LIFE_MS = 15 * 60_000;
const EVERYWHERE = 'global';
/** By which timers fire too soon. */
const ROUNDING_MS = 20;

export function createCallRules(world: World, violations: Violations): CallRules {
  const broken: Break = (rule, how) => violations.add(rule, how);
  const held = new Map<string, number>();
  const lost = new Set<string>();

  return {
    call(request) {
      const { method, path, contentType, fields } = request;
      const call = `${method} ${path}`;
      const isForm = contentType.startsWith('multipart/form-data');
      if (request.body !== undefined && !isForm && contentType !== 'application/json')
        broken('rest content type', `${call}: ${contentType || 'none'}`);
      const odd = fields.filter((name, index) => !isField(name) || fields.indexOf(name) !== index);
      if (odd.length > 0) broken('rest form', `${call}: ${odd.join(', ')}`);
      const until = Math.max(
        held.get(routeOf(request)) ?? 0,
        isOfInteraction(request) ? 0 : (held.get(EVERYWHERE) ?? 0),
      );
      const leftMs = until - performance.now();
      if (leftMs > ROUNDING_MS) broken('rest retry', `${call}: ${Math.round(leftMs)} ms too soon`);
      const [, kind, id = '', token = '', end] = path.split('/');
      const isAnswer = kind === 'interactions' && end === 'callback';
      if (!isAnswer && kind !== 'webhooks') return;
      const interaction = world.interactions.get(token);
      if (!interaction) return;
      if (isAnswer && lost.has(path)) return;
      if (isAnswer) checkAnswer(interaction, broken);
      else checkMore(interaction, request, { world, broken });
      if (isAnswer && interaction.id !== id) broken('rest acknowledgement', 'of another');
    },
    lost: ({ path }) => void lost.add(path),
    held(request, seconds, isGlobal) {
      held.set(isGlobal ? EVERYWHERE : routeOf(request), performance.now() + seconds * 1000);
    },
  };
}

type Break = (rule: keyof typeof REST_RULES, how: string) => void;

function isField(name: string): boolean {
  return name === 'payload_json' || /^files\[\d\]$/.test(name);
}

/** What has a limit of its own: a method at a path, whatever the message. */
function routeOf({ method, path }: ApiRequest): string {
  return `${method} ${path.replace(/\/messages\/\d+/, '/messages/…')}`;
}

/** No global limit holds for what is told an interaction. */
function isOfInteraction({ path }: ApiRequest): boolean {
  return /^\/(interactions|webhooks)\//.test(path);
}

function isAnswered({ callbacks }: OpenInteraction): boolean {
  return callbacks.some(({ status }) => status < 300);
}

function checkAnswer(interaction: OpenInteraction, broken: Break): void {
  const afterMs = performance.now() - interaction.sentMs;
  if (isAnswered(interaction)) broken('rest acknowledgement', 'a second time');
  else if (afterMs > ACK_TIMEOUT_MS)
    broken('rest acknowledgement', `after ${Math.round(afterMs)} ms`);
}

function checkMore(
  interaction: OpenInteraction,
  { method, path, body }: ApiRequest,
  { world, broken }: { world: World; broken: Break },
): void {
  const { original, at } = interaction;
  const call = `${method} …/${path.split('/').slice(4).join('/')}`;
  if (!isAnswered(interaction)) broken('rest follow-up', call);
  if (world.clock() - at > TOKEN_LIFE_MS) broken('rest token', call);
  const flags = (body as { flags?: number } | undefined)?.flags ?? 0;
  const asked = (flags & FLAGS.ephemeral) !== 0;
  const isFirst = method === 'POST' && original && isLoading(original);
  if (isFirst && asked !== isHidden(original)) broken('rest ephemeral', call);
  if (method === 'PATCH' && asked && original && !isHidden(original))
    broken('rest ephemeral', call);
}

function isHidden({ ephemeralTo }: Message): boolean {
  return ephemeralTo !== undefined;
}
