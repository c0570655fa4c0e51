import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Events } from 'discord.js';
import type { Logger } from 'pino';
import { commands } from '../commands/index.ts';
import { createFfmpegModule } from './audio/ffmpeg-module.ts';
import { createSampleIntake } from './audio/intake.ts';
import { primeSpeech } from './audio/prime-speech.ts';
import { createSpeechFiles } from './audio/speech-file.ts';
import type { Bot } from './bot/bot.ts';
import { createClient } from './bot/client.ts';
import { createComponents } from './bot/components.ts';
import { createDepartures } from './bot/departures.ts';
import { createLog } from './bot/log.ts';
import { logIn } from './bot/log-in.ts';
import { createOperator } from './bot/operator.ts';
import { createPanels } from './bot/panels.ts';
import { answerInterrupted } from './bot/pending.ts';
import { preflight } from './bot/preflight.ts';
import { checkProvider, warnOfUnpricedClones } from './bot/provider-check.ts';
import { registerCommands, warnOfAbsence, warnOfLeftOvers } from './bot/registration.ts';
import { rejoinChannels } from './bot/rejoin.ts';
import { writeRetirementNotes } from './bot/retirement-notes.ts';
import { createRetirements } from './bot/retirements.ts';
import { createRouter } from './bot/router.ts';
import { createSessionNotes } from './bot/session-notes.ts';
import { createSoundPosts } from './bot/sound-posts.ts';
import { explainStartError } from './bot/start-error.ts';
import { watchStopRequests } from './bot/stop-request.ts';
import { createTrust } from './bot/trust.ts';
import { watchUnseenThreads } from './bot/unseen-threads.ts';
import { untilReached } from './bot/until-reached.ts';
import { feedSessions } from './bot/voice-gateway.ts';
import { createVoiceNotes } from './bot/voice-notes.ts';
import { createVoiceRequests } from './bot/voice-requests.ts';
import { type Config, readConfig } from './config.ts';
import { HOUR_MS, SECOND_MS } from './domain/time.ts';
import { createGuilds } from './guilds/guilds.ts';
import { createSessions, type Sessions } from './playback/sessions.ts';
import { startVoiceThread } from './playback/voice-thread.ts';
import { createSpeech } from './speech/speech.ts';
import { openStore } from './store/store.ts';
import { createCatalogue } from './venice/catalogue.ts';
import { createVenice } from './venice/venice.ts';
import { createVoices } from './voices/voices.ts';

/** Add Reactions, View, Send, Send in Threads, Embed, Attach, Read History, Connect, Speak, Send Voice Messages. */
const INVITE_PERMISSIONS = '70643625348160';
/** With the last words of the router and what follows them: ten seconds in all. */
const GRACE_MS = 7.5 * SECOND_MS;

const asked = watchStopRequests({ parent: readParent() });
try {
  await run(readConfig(), asked);
} catch (error) {
  // Asked to stop before it was up: nothing went wrong.
  if (error !== asked.reason) process.exitCode = explainStartError(error);
}
// A client that has logged in would keep the process alive.
process.exit();

async function run(config: Config, asked: AbortSignal): Promise<void> {
  const clock = Date.now;
  const log = createLog(config.LOG_LEVEL);
  for (const warning of config.warnings) log.warn(warning);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => endWith(error, log));
  const stop = new AbortController();
  const { signal } = stop;

  await using store = await openStore({
    path: config.DATABASE_PATH,
    masterKey: config.MASTER_KEY,
    cacheBytes: config.CACHE_MAX_MB * 1_048_576,
    clock,
    log,
  });
  const interrupted = await store.pending.list();
  const client = createClient({ apiUrl: config.DISCORD_API_URL, log });
  const { rest } = client;
  rest.setToken(config.DISCORD_TOKEN);
  const allowsAllGuilds = config.ALLOWED_GUILDS.length === 0;
  const { applicationId, operatorIds } = await untilReached(
    () => preflight({ rest, allowsAllGuilds, log }),
    { log, signal: asked },
  );

  const operator = createOperator({
    client,
    channelId: config.OPERATOR_CHANNEL_ID,
    operatorIds,
    log,
  });
  await using venice = createVenice({
    apiKey: config.VENICE_API_KEY,
    baseUrl: config.VENICE_API_URL,
    clock,
    log,
    onTrouble: (kind) => void operator.providerTrouble(kind),
  });
  const retired = await store.retirements.list();
  const catalogue = createCatalogue({ venice, retirements: retired, clock, log });
  await Promise.all([
    catalogue.refresh({ signal: AbortSignal.any([signal, asked]) }),
    primeSpeech(),
  ]);
  asked.throwIfAborted();
  const retirements = createRetirements({ catalogue, store, operator, log });
  const tellRetirements = async () => {
    await retirements.note();
    await writeRetirementNotes({ client, store, log }, { signal });
  };
  const refreshCatalogue = async () => {
    await catalogue.refresh({ signal });
    await tellRetirements();
  };
  setInterval(() => void refreshCatalogue(), HOUR_MS).unref();
  const ffmpeg = createFfmpegModule();
  await using intake = createSampleIntake({ ffmpeg });
  await using files = createSpeechFiles({ ffmpeg });

  const allowedGuilds = config.ALLOWED_GUILDS;
  const isTrusted = createTrust({ client, operatorIds, allowedGuilds, clock, log });
  const guilds = createGuilds({
    store,
    budget: { perDay: config.BUDGET_USD_PER_DAY, perMonth: config.BUDGET_USD_PER_MONTH },
    serverUsd: config.SERVER_BUDGET_USD_PER_DAY,
    cloneUsd: config.CLONE_USD,
    isTrusted,
    clock,
  });
  warnOfUnpricedClones(catalogue.cloning(), guilds.cloneMoney, log);
  const noteVoice = createVoiceNotes({ client, store, log });
  const voices = createVoices({
    store,
    venice,
    money: guilds.cloneMoney,
    limits: guilds.limits,
    catalogue,
    intake,
    cdnUrl: config.DISCORD_CDN_URL,
    voicesPerMember: config.VOICES_PER_MEMBER,
    consentFloor: config.CONSENT_FLOOR,
    stopping: signal,
    onEvent: (event) => void noteVoice(event),
    clock,
    log,
  });
  const { money } = guilds;
  const { handles } = voices;
  const cache = store.sounds;
  const speech = createSpeech({ venice, catalogue, handles, money, files, cache, clock, log });

  await logIn(client, config.DISCORD_TOKEN, { signal: asked });
  if (!client.isReady()) throw new Error('Discord did not let the bot in');
  const components = createComponents({ store, clock });
  const note = createSessionNotes({ client, store, log });
  const panels = createPanels({ client, components, store, log });
  const departures = createDepartures({ client, clock, log });
  const sendGateway = createVoiceRequests(client);
  const sessions: Sessions = createSessions({
    sendGateway,
    openLink: (emit) => startVoiceThread({ emit, log }),
    onEvent(event) {
      void note(event, sessions);
      panels.heard(event, sessions);
    },
  });
  feedSessions(client, sessions, sendGateway);

  const bot: Bot = {
    config,
    client,
    store,
    guilds,
    voices,
    speech,
    sessions,
    venice,
    catalogue,
    retirements,
    components,
    panels,
    departures,
    operator,
    posts: createSoundPosts({ client, clock }),
    threads: watchUnseenThreads(client),
    clock,
    log,
  };
  const router = createRouter({ commands, bot });
  client.on(Events.InteractionCreate, (interaction) => void router.handle(interaction));

  void tellRetirements();
  const providerChecked = checkProvider({ venice, operator, log, signal });
  const definitions = commands.map(({ data }) => data);
  const { GUILD_ID: guildId } = config;
  await untilReached(() => registerCommands(definitions, { rest, applicationId, guildId, log }), {
    log,
    signal: asked,
  });
  warnOfAbsence(client, config, log);
  if (config.GUILD_ID === undefined) void warnOfLeftOvers(client, applicationId, log);
  await answerInterrupted(interrupted, { client, store, clock, log });
  // Known before the first line is spoken, unless the provider takes its time.
  await Promise.race([providerChecked, sleep(2 * SECOND_MS, undefined, { ref: false })]);
  void rejoinChannels({
    client,
    store,
    sessions,
    allowedGuilds: config.ALLOWED_GUILDS,
    log,
    signal,
  });
  log.info(
    {
      name: client.user.tag,
      guilds: client.guilds.cache.size,
      invite: `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot+applications.commands&permissions=${INVITE_PERMISSIONS}`,
    },
    'ready',
  );

  if (!asked.aborted) await once(asked, 'abort');
  log.info({ signal: asked.reason }, 'stopping');
  await Promise.all([sessions.close({ graceMs: GRACE_MS }), router.close({ graceMs: GRACE_MS })]);
  stop.abort();
  // Discord itself may be what does not answer; the next start takes away what is left.
  for (const leave of [() => panels.close(), () => client.destroy()])
    await Promise.race([leave(), sleep(SECOND_MS / 2, undefined, { ref: false })]);
}

/** A bug that nobody caught: in words that tell no secret, then the process ends. */
function endWith(error: unknown, log: Logger): void {
  log.fatal({ err: error }, 'a bug ended the process');
  process.exit(1);
}

/** Whose end is a request to stop, where the launcher names one. */
function readParent(): number | undefined {
  const { values } = parseArgs({ options: { parent: { type: 'string' } } });
  return values.parent === undefined ? undefined : Number(values.parent);
}
