import '@discordjs/voice';
import '@evan/opus';
import 'better-sqlite3';
import 'discord.js';
import 'file-type';
import 'kysely';
import 'mpg123-decoder';
import 'pino';
import 'rate-limiter-flexible';
import 'undici';
import 'zod';
import { once } from 'node:events';

/** A process that imports what the bot imports, and does nothing. */
process.send?.('imported');
await once(process, 'disconnect');
