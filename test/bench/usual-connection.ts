import {
  type DiscordGatewayAdapterLibraryMethods,
  joinVoiceChannel,
  type VoiceConnection,
} from '@discordjs/voice';
import type { VoiceNews } from '../playback/gateway.ts';

/** A connection of the library's alone, with nothing of ours around it. */
export interface UsualConnection {
  readonly connection: VoiceConnection;
  /** What the gateway says of it. */
  feed(news: VoiceNews): void;
}

export function joinUsually(
  place: { readonly guildId: string; readonly channelId: string },
  sendGateway: (payload: unknown) => void,
): UsualConnection {
  let adapter: DiscordGatewayAdapterLibraryMethods | undefined;
  const connection = joinVoiceChannel({
    ...place,
    adapterCreator(methods) {
      adapter = methods;
      const sendPayload = (payload: unknown) => {
        sendGateway(payload);
        return true;
      };
      return { sendPayload, destroy: () => undefined };
    },
  });
  return {
    connection,
    feed({ type, payload }) {
      if (type === 'state') adapter?.onVoiceStateUpdate(payload as never);
      else adapter?.onVoiceServerUpdate(payload as never);
    },
  };
}
