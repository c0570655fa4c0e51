import { writeWav } from '../../src/audio/wav.ts';
import type { GuildView } from '../discord/people/guild.ts';
import type { Member } from '../discord/people/member.ts';
import { type Discord, startDiscord } from '../discord/server.ts';
import type { VoiceServerOptions } from '../discord/voice/server.ts';
import { startVenice, type Venice, type VeniceOptions } from '../venice/server.ts';
import { type Converter, createConverter } from '../venice/sound.ts';
import { loadSynthesis, SAMPLE_RATE, type Synthesis } from '../venice/synthesis.ts';
import { type BotProcess, startBot } from './bot-process.ts';

/** Discord, Venice and the real bot between them, with one server and one member. */
export interface Stage extends AsyncDisposable {
  readonly discord: Discord;
  readonly venice: Venice;
  readonly guild: GuildView;
  readonly ada: Member;
  readonly converter: Converter;
  readonly synthesis: Synthesis;
  bot: BotProcess;
  /** Starts the bot again on the same data, with other variables where some are given. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Clones a voice for a member, consent and all. */
  clone(member: Member, name?: string): Promise<void>;
  /** What the bot wrote somebody in direct messages. */
  toldTo(userId: string): readonly string[];
  /** A recording of so many seconds of somebody talking, as WAV. */
  recording(voice?: string): Uint8Array;
}

export interface StageOptions {
  readonly venice?: VeniceOptions;
  readonly voice?: Omit<VoiceServerOptions, 'certificate'>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where its data lives, and stays. */
  readonly folder?: string;
}

export const READING =
  'This is what I read aloud, so that my voice can be made from it. I am sitting in a quiet room, and I talk as I always do. The quick brown fox jumps over the lazy dog, again and again.';

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const [discord, venice, converter, synthesis] = await Promise.all([
    startDiscord(options.voice),
    startVenice(options.venice),
    createConverter(),
    loadSynthesis(),
  ]);
  const guild = discord.addGuild('Aviary');
  const ada = guild.addMember({ name: 'Ada' });
  const env = {
    ...discord.env,
    VENICE_API_URL: venice.url,
    VENICE_API_KEY: venice.keys.inference,
    // Most tests clone more than a server may while nobody names the price.
    CLONE_USD: '0',
    ...options.env,
  };
  const { folder } = options;
  const bot = await startBot(env, folder === undefined ? {} : { folder });
  await bot.ready();

  const bots = [bot];
  const stage: Stage = {
    discord,
    venice,
    guild,
    ada,
    converter,
    synthesis,
    bot,
    async restart(changes) {
      await stage.bot.stop('SIGTERM');
      stage.bot = await startBot({ ...env, ...changes }, { folder: bot.folder });
      bots.push(stage.bot);
      await stage.bot.ready();
    },
    toldTo(userId) {
      return [...discord.world.channels.values()]
        .filter(({ recipientId }) => recipientId === userId)
        .flatMap(({ messages }) => [...messages.values()].map(({ json }) => json.content));
    },
    recording(voice = 'ada') {
      return writeWav({ sampleRate: SAMPLE_RATE, samples: synthesis.speak(READING, { voice }) });
    },
    async clone(member, name) {
      const sample = discord.attach(stage.recording(member.name), 'me.wav');
      const answer = await member.runs('clone', { sample, name });
      const card = await answer.done();
      const isAsked = card.buttons.some(({ label }) => label.startsWith('I agree'));
      const ready = isAsked ? await answer.clicks('I agree') : answer;
      await ready.until(({ text }) => text.includes('Your voice is ready'));
    },
    async [Symbol.asyncDispose]() {
      const logs = bots.flatMap(({ output }) => output);
      await stage.bot[Symbol.asyncDispose]();
      await bot[Symbol.asyncDispose]();
      await Promise.all([
        discord[Symbol.asyncDispose](),
        venice[Symbol.asyncDispose](),
        converter[Symbol.asyncDispose](),
      ]);
      checkDiscretion(logs, discord, venice);
      checkRules(discord, venice);
      checkNonces(discord);
    },
  };
  return stage;
}

/** A post is asked for again when its answer is lost, and must not be made twice. */
function checkNonces({ rest }: Discord): void {
  const posts = rest.requests.filter(
    ({ method, path }) => method === 'POST' && /^\/channels\/\d+\/messages$/.test(path),
  );
  const bodies = posts.map(({ body }) => body as { nonce?: string; enforce_nonce?: boolean });
  const loose = bodies.filter(({ nonce, enforce_nonce }) => !nonce || !enforce_nonce);
  if (loose.length > 0) throw new Error(`${loose.length} post(s) went out without a nonce`);
}

/** The bot breaks no rule of either service, but where a test has it do so on purpose. */
function checkRules(discord: Discord, venice: Venice): void {
  const broken = [...discord.violations.list, ...venice.violations.list];
  if (broken.length === 0) return;
  const list = broken.map(({ rule, how }) => `${rule}: ${how}`);
  throw new Error(`The bot broke ${broken.length} rule(s):\n${list.slice(0, 20).join('\n')}`);
}

/** Nothing of a member's text or sound, no token, key or handle may ever be in a log. */
function checkDiscretion(logs: readonly string[], discord: Discord, venice: Venice): void {
  const log = logs.join('\n');
  const texts = venice.requests.map(({ json }) => String(json?.['input'] ?? ''));
  const secrets = [
    discord.world.token,
    venice.keys.inference,
    venice.keys.admin,
    ...venice.handles.keys(),
    ...discord.world.interactions.keys(),
    ...texts.filter((text) => text.length > 8),
  ];
  const told = secrets.filter((secret) => log.includes(secret));
  if (told.length > 0) throw new Error(`The log tells ${told.length} secret(s): ${told[0]}`);
}
