import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import {
  leaving,
  type VoiceEvent,
  type VoiceLink,
  type VoiceThreadCommand,
  type VoiceThreadEvent,
} from './voice-messages.ts';

const CLOSE_TIMEOUT_MS = SECOND_MS;
/**
 * Packets live for a moment: the more memory for what is young the seldomer it is collected, and the
 * more each process takes (measured with 300: 0.36 MB a session with 4, 0.39 with 8, 0.46 with 16).
 */
const RESOURCES = { maxYoungGenerationSizeMb: 8 };
/**
 * Each packet leaves four small buffers behind. To have another thread free them costs more than to
 * make them (measured: 12 µs to seal a packet, 4 with this) and makes packets late. For all threads.
 */
const FREE_AT_ONCE = '--no-concurrent-array-buffer-sweeping';

/**
 * The voice link in a thread of its own, so that nothing the rest of the bot does can delay a frame.
 * The first join starts it. Should it die, every channel it held is told lost, and the next join
 * starts another.
 */
export function startVoiceThread(options: {
  emit: (event: VoiceEvent) => void;
  log: Logger;
}): VoiceLink {
  const { emit, log } = options;
  const held = new Map<Snowflake, number>();
  let worker: Worker | undefined;

  function start(): Worker {
    setFlagsFromString(FREE_AT_ONCE);
    const entry = new URL('./voice.worker.ts', import.meta.url);
    const fresh = new Worker(entry, { env: {}, argv: [], resourceLimits: RESOURCES });
    fresh.on('message', (event: VoiceThreadEvent) => {
      if (event.type === 'log') return log[event.level](event.fields, event.text);
      if (event.type === 'lost') held.delete(event.guildId);
      emit(event);
    });
    fresh.on('error', (error) => log.error({ err: error }, 'a bug ended the voice thread'));
    fresh.on('exit', () => {
      worker = undefined;
      for (const [guildId, session] of [...held]) {
        held.delete(guildId);
        // Discord still sees the bot in that channel.
        emit({ type: 'gateway', guildId, payload: leaving(guildId) });
        emit({ type: 'lost', guildId, session, reason: 'refused' });
      }
    });
    return fresh;
  }

  /** Only a join starts another thread: one that cannot even start is not started over and over. */
  function send(command: VoiceThreadCommand): void {
    if (command.type === 'join') worker ??= start();
    const moved = command.type === 'packets' ? [command.packets.bytes.buffer] : [];
    worker?.postMessage(command, moved);
  }

  return {
    post(command) {
      if (command.type === 'join') held.set(command.guildId, command.session);
      if (command.type === 'leave') held.delete(command.guildId);
      send(command);
    },

    async close() {
      const last = worker;
      if (!last) return;
      held.clear();
      const exit = once(last, 'exit');
      send({ type: 'close' });
      await Promise.race([exit, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      await last.terminate();
    },
  };
}
