import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/time.ts';
import type { Guilds } from '../guilds/guilds.ts';
import type { Sessions } from '../playback/sessions.ts';
import type { Speech } from '../speech/speech.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import type { Venice } from '../venice/venice.ts';
import type { Voices } from '../voices/voices.ts';
import type { Components } from './components.ts';
import type { Departures } from './departures.ts';
import type { Operator } from './operator.ts';
import type { Panels } from './panels.ts';
import type { Retirements } from './retirements.ts';
import type { SoundPosts } from './sound-posts.ts';
import type { UnseenThreads } from './unseen-threads.ts';

/** All a command may need, built in `main`; a command destructures what it uses. */
export interface Bot {
  readonly config: Config;
  readonly client: Client<true>;
  readonly store: Store;
  readonly guilds: Guilds;
  readonly voices: Voices;
  readonly speech: Speech;
  readonly sessions: Sessions;
  readonly venice: Venice;
  readonly catalogue: Catalogue;
  readonly retirements: Retirements;
  readonly components: Components;
  readonly panels: Panels;
  readonly departures: Departures;
  readonly operator: Operator;
  readonly posts: SoundPosts;
  readonly threads: UnseenThreads;
  readonly clock: Clock;
  readonly log: Logger;
}
