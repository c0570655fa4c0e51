import type { Snowflake } from '../domain/ids.ts';
import { type ChannelConnection, connectChannel } from './connection.ts';
import { createPacer } from './pacer.ts';
import { Track } from './track.ts';
import type { VoiceEvent, VoiceLink, VoiceLog } from './voice-messages.ts';

/** All of Discord's voice protocol, behind messages. */
export function createVoiceLink(options: {
  emit: (event: VoiceEvent) => void;
  log: VoiceLog;
}): VoiceLink {
  const { emit, log } = options;
  const pacer = createPacer();
  const channels = new Map<Snowflake, { connection: ChannelConnection; track: Track }>();

  function join(guildId: Snowflake, session: number, channelId: Snowflake): void {
    const known = channels.get(guildId);
    if (known) return known.connection.move(channelId);
    const connection = connectChannel({
      guildId,
      channelId,
      log,
      sendGateway: (payload) => emit({ type: 'gateway', guildId, payload }),
      onAlone: () => emit({ type: 'alone', guildId, session }),
      onReady: () => {
        track.reopen();
        pacer.wake(track);
        emit({ type: 'ready', guildId, session });
      },
      onLost: (reason) => {
        forget(guildId);
        emit({ type: 'lost', guildId, session, reason });
      },
    });
    const track = new Track(connection, {
      started: (utterance) =>
        emit({
          type: 'started',
          guildId,
          utterance,
          at: performance.timeOrigin + performance.now(),
        }),
      underrun: (utterance) => emit({ type: 'underrun', guildId, utterance }),
      done: (utterance, packets) => emit({ type: 'done', guildId, utterance, packets }),
    });
    channels.set(guildId, { connection, track });
  }

  function forget(guildId: Snowflake): void {
    const known = channels.get(guildId);
    channels.delete(guildId);
    if (!known) return;
    pacer.remove(known.track);
    known.connection.destroy();
  }

  /** What goes into a track may have to go out at once. */
  function play(guildId: Snowflake, change: (track: Track) => void): void {
    const track = channels.get(guildId)?.track;
    if (!track) return;
    change(track);
    pacer.wake(track);
  }

  return {
    post(command) {
      const known = channels.get(command.guildId);
      switch (command.type) {
        case 'join':
          return join(command.guildId, command.session, command.channelId);
        case 'leave':
          return forget(command.guildId);
        case 'rejoin':
          return known?.connection.rejoin();
        case 'voice-state':
          return known?.connection.feedState(command.payload);
        case 'voice-server':
          return known?.connection.feedServer(command.payload);
        case 'begin':
          return play(command.guildId, (track) => track.begin(command.utterance));
        case 'packets':
          return play(command.guildId, (track) => track.push(command.utterance, command.packets));
        case 'end':
          return play(command.guildId, (track) => track.end(command.utterance));
        case 'cut':
          return play(command.guildId, (track) => track.cut());
        default:
          return command satisfies never;
      }
    },
    close() {
      for (const guildId of [...channels.keys()]) forget(guildId);
      return Promise.resolve();
    },
  };
}
