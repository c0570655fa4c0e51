import { Client, GatewayIntentBits, Options, type RESTOptions } from 'discord.js';
import type { Logger } from 'pino';
import { HOUR_MS, SECOND_MS } from '../domain/time.ts';
import { takeRepeatedAcks } from './repeated-acks.ts';
import { sendRequest } from './send-request.ts';

/** A limit of Discord's that is over sooner is waited for: most are, after five seconds. */
const LONGEST_WAIT_MS = 10 * SECOND_MS;

/**
 * The gateway and REST client: no privileged intent, no mention ever, no message kept. Members in
 * voice must stay cached (who is listening?), so they are swept rather than capped.
 */
export function createClient(options: { apiUrl: string; log: Logger }): Client {
  const client: Client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildVoiceStates,
      GatewayIntentBits.GuildModeration,
      // Only whether something was written: has the panel scrolled away?
      GatewayIntentBits.GuildMessages,
    ],
    allowedMentions: { parse: [], repliedUser: false },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      GuildBanManager: 0,
    }),
    sweepers: {
      ...Options.DefaultSweeperSettings,
      guildMembers: {
        interval: HOUR_MS / SECOND_MS,
        filter: () => (member) => member.id !== client.user?.id && !member.voice.channelId,
      },
      users: { interval: HOUR_MS / SECOND_MS, filter: () => (user) => user.id !== client.user?.id },
    },
    rest: {
      api: options.apiUrl,
      version: '10',
      invalidRequestWarningInterval: 50,
      // The library has the types of its own undici.
      makeRequest: takeRepeatedAcks(sendRequest) as unknown as RESTOptions['makeRequest'],
      // Told instead of waited for, as all else in that channel would wait behind it.
      rejectOnRateLimit: ({ route, retryAfter }) =>
        retryAfter > LONGEST_WAIT_MS && /^\/(channels|webhooks)\//.test(route),
    },
  });
  const { log } = options;
  client.rest.on('invalidRequestWarning', (count) => {
    log.warn({ count: count.count }, 'Discord refused many requests in the last minutes');
  });
  client.on('error', (error) => log.error({ err: error }, 'discord client'));
  client.on('warn', (message) => log.warn({ message }, 'discord client'));
  // While it is away the library tries twice a second: said once.
  const away = new Set<number>();
  client.on('shardReconnecting', (shard) => {
    if (!away.has(shard)) log.info({ shard }, 'gateway reconnecting');
    away.add(shard);
  });
  client.on('shardReady', (shard) => away.delete(shard));
  client.on('shardResume', (shard) => {
    away.delete(shard);
    log.info({ shard }, 'gateway resumed');
  });
  return client;
}
