import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { createViolations, type Violations } from '../../violations.ts';
import type { Certificate } from './certificate.ts';
import { ExternalSender, proposals, referenceOf, splitCommit, u16 } from './dave.ts';
import { Listener } from './listener.ts';
import { AES, type TransportMode, XCHACHA } from './rtp.ts';
import { checkCommit, createSoundRules, createVoiceRules, type SoundRules } from './rules.ts';
import { openSoundPort, type SoundPort } from './sound-port.ts';

/** What the gateway announced of a connection that is about to come. */
export interface ExpectedSession {
  readonly guildId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
  /** The call of a stage is not end-to-end encrypted. */
  readonly isStage?: boolean;
}

export interface VoiceServerOptions {
  readonly certificate: Certificate;
  /** Where broken rules are noted. @default its own list */
  readonly violations?: Violations;
  /** Why nothing that the bot says there may be heard now. @default it may */
  readonly barred?: (place: ExpectedSession) => string | undefined;
  /** @default true */
  readonly dave?: boolean;
  /** In the order the server lists them. @default AES first */
  readonly modes?: readonly TransportMode[];
  /** Whether packets are only stamped as they come, for when hundreds of sessions are measured. */
  readonly isDeferred?: boolean;
}

/** A connection of the bot's. */
export interface BotVoice extends ExpectedSession {
  readonly ssrc: number;
  isSpeaking: boolean;
  /** Closes its websocket. */
  close(code: number): void;
  /** Sends it an end-to-end encryption message that asks for nothing: a list without a proposal. */
  proposeNothing(): void;
}

/** Discord's voice server on loopback: TLS websocket v8, UDP, both encryptions. */
export interface VoiceServer
  extends AsyncDisposable,
    Pick<SoundPort, 'dropDiscovery' | 'losePackets' | 'catchUp'> {
  /** As VOICE_SERVER_UPDATE names it. */
  readonly endpoint: string;
  expect(session: ExpectedSession): void;
  /** A second member comes into a channel and listens. */
  join(member: { guildId: string; channelId: string; userId: string }): Listener;
  leave(listener: Listener): void;
  readonly bots: readonly BotVoice[];
  readonly violations: Violations;
  /** Nobody is added to a call, and so gets no keys, until this is released. */
  withholdKeys(): { release(): void };
  /** How often a bot took up a session it had before. */
  readonly resumes: number;
  /** Is gone: its connections break, and nothing answers there any more. */
  crash(): Promise<void>;
}

interface Session extends BotVoice {
  sendBinary(opcode: number, body: Buffer): void;
  /** Another one after a resume. */
  ws: WebSocket;
  readonly key: Buffer;
  readonly isEncrypted: boolean;
  mode: TransportMode;
  sequence: number;
  /** What a resume may have to repeat. */
  readonly sent: { readonly sequence: number; readonly message: string | Buffer }[];
  epoch: bigint;
  hasKeyPackage: boolean;
  /** What was proposed and not yet committed. */
  open: readonly string[] | undefined;
  isSecret: boolean;
  isOver: boolean;
  readonly added: Set<Listener>;
  readonly rules: SoundRules;
  wasAnnounced: boolean;
}

const TRANSITION = 7;
/** How long a session whose websocket broke can be taken up again; Discord gives longer. */
const RESUMABLE_MS = 500;

export async function startVoiceServer(options: VoiceServerOptions): Promise<VoiceServer> {
  const { certificate, dave = true, modes = [AES, XCHACHA], barred = () => undefined } = options;
  const violations = options.violations ?? createViolations();
  const sender = new ExternalSender();
  const expected = new Map<string, ExpectedSession>();
  const sessions: Session[] = [];
  const bySsrc = new Map<number, Session>();
  const listeners = new Set<Listener>();
  let nextSsrc = 1000;
  let resumes = 0;
  let isWithholding = false;

  const https = createServer({ cert: certificate.cert, key: certificate.key });
  const sockets = new WebSocketServer({ server: https, perMessageDeflate: false });
  sockets.on('connection', (ws, { url }) => welcome(ws, url));
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const sound = await openSoundPort<Session>({
    isDeferred: options.isDeferred ?? false,
    find: (ssrc) => bySsrc.get(ssrc),
    check: ({ rules }, packet) => rules.packet(packet),
    hear({ channelId, userId, isOver }, packet, at) {
      // What a bot still sends before it hears that its session is over reaches nobody.
      if (isOver) return;
      for (const listener of listeners)
        if (listener.channelId === channelId) listener.hear(userId, packet, at);
    },
  });

  function welcome(ws: WebSocket, url: string | undefined): void {
    let session: Session | undefined;
    const rules = createVoiceRules(url, violations);
    const send = (op: number, d: unknown) => session && sendText(session, op, d);
    ws.send(JSON.stringify({ op: 8, d: { v: 8, heartbeat_interval: 13_750 } }));
    ws.on('error', () => ws.terminate());
    ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) rules.binary(data[0] ?? 0);
      if (isBinary) return session && receiveBinary(session, data[0] ?? 0, data.subarray(1));
      const message = JSON.parse(data.toString()) as { op: number; d: Record<string, unknown> };
      rules.text(
        message,
        session && { ...session, modes, discovered: sound.discovered(session.ssrc) },
      );
      const { op, d } = message;
      switch (op) {
        case 0:
          session = identify(ws, d);
          if (!session) return;
          send(2, {
            ssrc: session.ssrc,
            ip: '127.0.0.1',
            port: sound.portOf(session.ssrc),
            modes,
            experiments: [],
          });
          return announce(session, peopleIn(session.channelId));
        case 1:
          if (!session) return ws.close(4003);
          return selectProtocol(session, d);
        case 3:
          return ws.send(JSON.stringify({ op: 6, d: { t: d['t'] } }));
        case 5:
          if (session) session.isSpeaking = d['speaking'] !== 0;
          if (session?.isSpeaking) session.wasAnnounced = true;
          return;
        case 7: {
          const old = sessions.find(
            ({ sessionId, token }) => sessionId === d['session_id'] && token === d['token'],
          );
          if (!old) return ws.close(4006);
          session = old;
          resumes += 1;
          attach(session, ws);
          ws.send(JSON.stringify({ op: 9, d: null }));
          for (const { sequence, message } of session.sent)
            if (sequence > Number(d['seq_ack'])) ws.send(message);
          return propose(session);
        }
        case 23:
          if (session && session.epoch > 0n) session.isSecret = true;
          return send(22, { transition_id: d['transition_id'] });
        case 31:
          return session && offerEncryption(session);
        default:
          return ws.close(4001);
      }
    });
  }

  function identify(ws: WebSocket, d: Record<string, unknown>): Session | undefined {
    const known = expected.get(String(d['session_id']));
    if (!known) {
      ws.close(4006);
      return undefined;
    }
    const { token, guildId, userId } = known;
    if (token !== d['token'] || guildId !== d['server_id'] || userId !== d['user_id']) {
      ws.close(4004);
      return undefined;
    }
    const isEncrypted = dave && !known.isStage;
    if (isEncrypted && !d['max_dave_protocol_version']) {
      ws.close(4017);
      return undefined;
    }
    const session: Session = {
      ...known,
      ws,
      ssrc: nextSsrc++,
      key: randomBytes(32),
      isEncrypted,
      mode: AES,
      sequence: 0,
      sent: [],
      epoch: 0n,
      isSpeaking: false,
      hasKeyPackage: false,
      open: undefined,
      isSecret: false,
      isOver: false,
      added: new Set(),
      rules: createSoundRules(
        () => ({
          isAnnounced: session.wasAnnounced,
          isSecret: session.isSecret,
          barred: session.isOver ? 'its session is over' : barred(session),
        }),
        violations,
      ),
      wasAnnounced: false,
      close(code) {
        session.isOver = !isResumable(code);
        session.ws.close(code);
      },
      proposeNothing: () => session.sendBinary(27, proposals()),
      sendBinary(opcode, body) {
        sendNext(session, (seq) => Buffer.concat([u16(seq & 0xffff), Buffer.of(opcode), body]));
      },
    };
    sessions.push(session);
    bySsrc.set(session.ssrc, session);
    attach(session, ws);
    return session;
  }

  /** A session outlives its websocket for a moment, in which it may be resumed. */
  function attach(session: Session, ws: WebSocket): void {
    session.ws = ws;
    ws.on('close', () => {
      const forget = () => {
        const index = sessions.indexOf(session);
        if (session.ws !== ws || index === -1) return;
        sessions.splice(index, 1);
        session.isOver = true;
      };
      setTimeout(forget, RESUMABLE_MS).unref();
    });
  }

  function sendText(session: Session, op: number, d: unknown): void {
    sendNext(session, (seq) => JSON.stringify({ op, d, seq }));
  }

  function sendNext(session: Session, make: (sequence: number) => string | Buffer): void {
    session.sequence += 1;
    const message = make(session.sequence);
    session.sent.push({ sequence: session.sequence, message });
    if (session.ws.readyState === session.ws.OPEN) session.ws.send(message);
  }

  function selectProtocol(session: Session, d: Record<string, unknown>): void {
    session.mode = (d['data'] as { mode: TransportMode }).mode;
    sendText(session, 4, {
      mode: session.mode,
      secret_key: [...session.key],
      dave_protocol_version: session.isEncrypted ? 1 : 0,
      audio_codec: 'opus',
      media_session_id: randomBytes(8).toString('hex'),
    });
    if (session.isEncrypted) offerEncryption(session);
  }

  function offerEncryption(session: Session): void {
    session.epoch = 0n;
    session.added.clear();
    session.open = undefined;
    session.hasKeyPackage = false;
    session.sendBinary(25, sender.package());
  }

  function receiveBinary(session: Session, opcode: number, body: Buffer): void {
    if (opcode === 26) {
      session.hasKeyPackage = true;
      return propose(session);
    }
    if (opcode !== 28) return;
    const { commit, welcome: message, references } = splitCommit(body);
    checkCommit(session, references, violations);
    session.epoch += 1n;
    session.open = undefined;
    session.sendBinary(29, Buffer.concat([u16(TRANSITION), commit]));
    for (const listener of session.added) listener.committed(commit, message);
    propose(session);
  }

  function peopleIn(channelId: string): readonly Listener[] {
    return [...listeners].filter((listener) => listener.channelId === channelId);
  }

  function announce(session: Session, people: readonly Listener[]): void {
    if (people.length === 0) return;
    sendText(session, 11, { user_ids: people.map(({ userId }) => userId) });
  }

  /** Has the bot add whoever is in its channel and not yet in its call; one commit at a time. */
  function propose(session: Session): void {
    if (isWithholding) return;
    const fresh = peopleIn(session.channelId).filter((one) => !session.added.has(one));
    if (!session.hasKeyPackage || session.open || fresh.length === 0) return;
    if (session.ws.readyState !== session.ws.OPEN) return;
    const messages = fresh.map((listener) => sender.add(session, listener.newGroup()));
    session.open = messages.map(referenceOf);
    const body = proposals(...messages);
    for (const listener of session.added) listener.proposed(body.subarray(1));
    for (const listener of fresh) session.added.add(listener);
    announce(session, fresh);
    session.sendBinary(27, body);
  }

  async function crash(): Promise<void> {
    sound.close();
    const isClosed = new Promise((resolve) => https.close(resolve));
    sockets.close();
    for (const client of sockets.clients) client.terminate();
    await isClosed;
  }

  return {
    ...sound,
    endpoint: `127.0.0.1:${(https.address() as AddressInfo).port}`,
    bots: sessions,
    violations,
    expect(session) {
      expected.set(session.sessionId, session);
    },
    join({ channelId, userId }) {
      const listener = new Listener({ userId, channelId }, sender);
      listeners.add(listener);
      for (const session of sessions) propose(session);
      return listener;
    },
    leave(listener) {
      listeners.delete(listener);
    },
    withholdKeys() {
      isWithholding = true;
      return {
        release() {
          isWithholding = false;
          for (const session of sessions) propose(session);
        },
      };
    },
    get resumes() {
      return resumes;
    },
    crash,
    [Symbol.asyncDispose]: crash,
  };
}

/** Whether the session goes on once the bot comes again. */
function isResumable(code: number): boolean {
  return code < 4000 || code === 4015;
}
