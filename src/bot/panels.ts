import { type Client, Events, type Message } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import type { SessionEvent } from '../playback/line.ts';
import type { Sessions } from '../playback/sessions.ts';
import type { Store } from '../store/store.ts';
import type { Components } from './components.ts';
import { createPanel, type Panel } from './panel.ts';

/** The panels of all servers, each shown from the first line that is heard until the bot leaves. */
export interface Panels {
  heard(event: SessionEvent, sessions: Sessions): void;
  /** The line that is spoken as this version of a panel has it; undefined: none, or it is too old. */
  lineOn(message: Message): string | undefined;
  /** To be called when the bot has left everywhere; resolves when every panel is taken away. */
  close(): Promise<void>;
}

export function createPanels(options: {
  client: Client<true>;
  components: Components;
  store: Pick<Store, 'sessions'>;
  log: Logger;
}): Panels {
  const { client, components, store, log } = options;
  const panels = new Map<Snowflake, Panel>();
  client.on(Events.MessageCreate, (message) => {
    if (message.guildId !== null) panels.get(message.guildId)?.written(message);
  });

  function panelOf(guildId: Snowflake, sessions: Sessions): Panel {
    const known = panels.get(guildId);
    if (known) return known;
    const panel = createPanel({
      client,
      components,
      read: () => ({ channelId: sessions.whereIs(guildId), lines: sessions.queue(guildId) }),
      remember: (messageId) => store.sessions.putPanel(guildId, messageId),
      log,
    });
    panels.set(guildId, panel);
    return panel;
  }

  return {
    heard(event, sessions) {
      switch (event.type) {
        case 'line-started':
          return panelOf(event.line.guildId, sessions).refresh();
        case 'joined':
        case 'queue-changed':
          return panels.get(event.guildId)?.refresh();
        case 'left':
          void panels.get(event.guildId)?.flush();
          return;
        default:
          return event satisfies never;
      }
    },
    lineOn: (message) => panels.get(message.guildId ?? '')?.lineOn(message),
    async close() {
      await Promise.all(Array.from(panels.values(), (panel) => panel.flush()));
    },
  };
}
