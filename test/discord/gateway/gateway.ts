import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Violations } from '../../violations.ts';
import { guildCreateJson, memberJson } from '../wire/guild.ts';
import { applicationJson, userJson } from '../wire/user.ts';
import type { GatewayEvent, World } from '../world/world.ts';
import { createGatewayRules, type GatewayRules } from './rules.ts';

/** Intents an application must have been granted, by the flags that grant them. */
const PRIVILEGED: readonly (readonly [intent: number, flags: number])[] = [
  [1 << 1, (1 << 14) | (1 << 15)],
  [1 << 8, (1 << 12) | (1 << 13)],
  [1 << 15, (1 << 18) | (1 << 19)],
];
const MESSAGE_CONTENT = 1 << 15;
const GUILDS = 1 << 0;
const GUILD_VOICE_STATES = 1 << 7;

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  /** Whether a bot has identified and is listening. */
  isConnected(): boolean;
  readonly identifies: number;
  readonly resumes: number;
  /** Whether it is out of order: nobody gets as far as a connection. */
  isDown: boolean;
  /** Cuts the connection with a close code, as Discord may at any time. */
  disconnect(code: number): void;
  /** Asks the bot to come again (opcode 7). */
  requestReconnect(): void;
  /** Reads no more of what the bot sends, as behind a network that is gone. */
  hearsNothing(): void;
  /** Forgets the session: the bot is told so, and has to identify again. */
  invalidate(): void;
}

interface Session {
  readonly id: string;
  readonly intents: number;
  sequence: number;
  readonly sent: { readonly s: number; readonly json: string }[];
  ws: WebSocket | undefined;
  rules: GatewayRules;
}

/** Discord's gateway, version 10, JSON without compression. @param onVoice answers opcode 4. */
export async function startGateway(
  world: World,
  onVoice: (d: {
    guild_id: string;
    channel_id: string | null;
    self_mute: boolean;
    self_deaf: boolean;
  }) => void,
  violations: Violations,
): Promise<Gateway> {
  let isDown = false;
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: false,
    verifyClient: (_, decide) => decide(!isDown, 503),
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let session: Session | undefined;
  let identifies = 0;
  let resumes = 0;

  world.onEvent = (event) => dispatch(event);
  server.on('connection', (ws, request) => {
    const rules = createGatewayRules(new URL(request.url ?? '/', url), violations);
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      if (session?.ws === ws) session.ws = undefined;
    });
    send(ws, { op: 10, d: { heartbeat_interval: 41_250 } });
    ws.on('message', (data: Buffer) => {
      const code = rules.receive(data);
      if (code !== undefined) return ws.close(code);
      const { op, d } = JSON.parse(data.toString()) as { op: number; d: never };
      receive(ws, op, d, rules);
    });
  });

  function receive(ws: WebSocket, op: number, d: never, rules: GatewayRules): void {
    switch (op) {
      case 1:
        return send(ws, { op: 11 });
      case 2:
        return identify(ws, d, rules);
      case 4:
        return onVoice(d);
      case 6:
        return resume(ws, d, rules);
      case 8:
        return members(d);
    }
  }

  function identify(
    ws: WebSocket,
    { token, intents }: { token: string; intents: number },
    rules: GatewayRules,
  ): void {
    if (token !== world.token) return ws.close(4004);
    const denied = PRIVILEGED.some(
      ([intent, flags]) => (intents & intent) !== 0 && (world.application.flags & flags) === 0,
    );
    if (denied) return ws.close(4014);
    identifies += 1;
    session = { id: randomUUID(), intents, sequence: 0, sent: [], ws, rules };
    const { id, flags } = applicationJson(world.application, world.bot, world.guilds.size);
    dispatch({
      t: 'READY',
      intent: undefined,
      d: {
        v: 10,
        user: userJson(world.bot),
        guilds: [...world.guilds.keys()].map((guild) => ({ id: guild, unavailable: true })),
        session_id: session.id,
        resume_gateway_url: url,
        shard: [0, 1],
        application: { id, flags },
      },
    });
    const withVoiceStates = (intents & GUILD_VOICE_STATES) !== 0;
    for (const guild of world.guilds.values())
      dispatch({
        t: 'GUILD_CREATE',
        intent: GUILDS,
        d: guildCreateJson(world, guild, { withVoiceStates }),
      });
    world.watch.changed();
  }

  function resume(
    ws: WebSocket,
    { session_id: id, seq }: { session_id: string; seq: number },
    rules: GatewayRules,
  ): void {
    if (session?.id !== id) return send(ws, { op: 9, d: false });
    resumes += 1;
    session.ws = ws;
    session.rules = rules;
    for (const { s, json } of session.sent) if (s > seq) ws.send(json);
    dispatch({ t: 'RESUMED', intent: undefined, d: {} });
    world.watch.changed();
  }

  function members({
    guild_id: guildId,
    user_ids: ids,
    nonce,
  }: {
    guild_id: string;
    user_ids?: string | string[];
    nonce?: string;
  }): void {
    const guild = world.guilds.get(guildId);
    const wanted = [ids ?? []].flat();
    const found = wanted.flatMap((id) => guild?.members.get(id) ?? []);
    dispatch({
      t: 'GUILD_MEMBERS_CHUNK',
      intent: undefined,
      d: {
        guild_id: guildId,
        members: guild ? found.map((member) => memberJson(guild, member)) : [],
        chunk_index: 0,
        chunk_count: 1,
        not_found: wanted.filter((id) => !guild?.members.has(id)),
        nonce,
      },
    });
  }

  /** Sends an event if its intent was asked for, and keeps it for a resume. */
  function dispatch({ t, d, intent, withoutContent }: GatewayEvent): void {
    if (!session || (intent !== undefined && (session.intents & intent) === 0)) return;
    const isClosed = withoutContent !== undefined && (session.intents & MESSAGE_CONTENT) === 0;
    session.sequence += 1;
    const s = session.sequence;
    const json = JSON.stringify({ op: 0, t, s, d: isClosed ? withoutContent : d });
    session.sent.push({ s, json });
    session.rules.sent(s);
    session.ws?.send(json);
  }

  return {
    url,
    isConnected: () => session?.ws !== undefined,
    get identifies() {
      return identifies;
    },
    get resumes() {
      return resumes;
    },
    get isDown() {
      return isDown;
    },
    set isDown(isNow) {
      isDown = isNow;
    },
    disconnect: (code) => session?.ws?.close(code),
    requestReconnect() {
      if (session?.ws) send(session.ws, { op: 7, d: null });
    },
    hearsNothing: () => session?.ws?.pause(),
    invalidate() {
      const ws = session?.ws;
      session = undefined;
      if (ws) send(ws, { op: 9, d: false });
    },
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(ws: WebSocket, message: unknown): void {
  ws.send(JSON.stringify(message));
}
