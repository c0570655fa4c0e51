import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { openRtp, type RtpPacket, type TransportMode } from './rtp.ts';
import { createTape } from './tape.ts';

/** The UDP side of the voice server: tells bots their own address, and takes their packets. */
export interface SoundPort {
  /** Where packets under this SSRC are taken. */
  portOf(ssrc: number): number;
  /** Where the bot that asked under this SSRC was told that it is. */
  discovered(ssrc: number): { readonly address: string; readonly port: number } | undefined;
  /** Loses the next questions for one's own address. */
  dropDiscovery(times: number): void;
  /** Loses these packets on their way to every listener. */
  losePackets(isLost: (packet: RtpPacket) => boolean): void;
  /** Lets the listeners hear all that came, where that is deferred. */
  catchUp(): void;
  close(): void;
}

/** Whose packets come under an SSRC, and with which key. */
export interface Speaker {
  readonly key: Buffer;
  readonly mode: TransportMode;
}

export async function openSoundPort<S extends Speaker>(options: {
  /** Whether packets are only stamped as they come. */
  isDeferred: boolean;
  find: (ssrc: number) => S | undefined;
  /** Sees each packet that was sent, also those that are lost on their way. */
  check: (speaker: S, packet: RtpPacket) => void;
  hear: (speaker: S, packet: RtpPacket, at: number) => void;
}): Promise<SoundPort> {
  const { isDeferred, find, check, hear } = options;
  const tape = createTape();
  const told = new Map<number, { address: string; port: number }>();
  let drops = 0;
  let isLost: (packet: RtpPacket) => boolean = () => false;
  let isClosed = false;
  // What hundreds send in one moment is more than one of them holds.
  const sockets = Array.from({ length: isDeferred ? 4 : 1 }, () =>
    createSocket({ type: 'udp4', recvBufferSize: 4 << 20 }),
  );
  for (const udp of sockets) {
    udp.on('message', (message, from) => receive(udp, message, from));
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  }

  function receive(udp: Socket, message: Buffer, from: RemoteInfo): void {
    const at = performance.timeOrigin + performance.now();
    if (message.byteLength === 74 && message.readUInt16BE(0) === 1)
      return tellAddress(udp, message, from);
    if (message.byteLength === 8) return udp.send(message, from.port, from.address);
    if (isDeferred) tape.record(message, at);
    else open(message, at);
  }

  function tellAddress(udp: Socket, question: Buffer, from: RemoteInfo): void {
    if (drops > 0) {
      drops -= 1;
      return;
    }
    const answer = Buffer.alloc(74);
    answer.writeUInt16BE(2, 0);
    answer.writeUInt16BE(70, 2);
    question.copy(answer, 4, 4, 8);
    answer.write(from.address, 8, 'latin1');
    answer.writeUInt16BE(from.port, 72);
    told.set(question.readUInt32BE(4), { address: from.address, port: from.port });
    udp.send(answer, from.port, from.address);
  }

  function open(message: Buffer, at: number): void {
    const speaker = find(message.readUInt32BE(8));
    if (!speaker) return;
    const packet = openRtp(message, speaker.key, speaker.mode);
    check(speaker, packet);
    if (!isLost(packet)) hear(speaker, packet, at);
  }

  return {
    portOf: (ssrc) => sockets[ssrc % sockets.length]?.address().port ?? 0,
    discovered: (ssrc) => told.get(ssrc),
    dropDiscovery(times) {
      drops = times;
    },
    losePackets(fits) {
      isLost = fits;
    },
    catchUp() {
      for (const { message, at } of tape.play()) open(message, at);
    },
    close() {
      if (!isClosed) for (const udp of sockets) udp.close();
      isClosed = true;
    },
  };
}
