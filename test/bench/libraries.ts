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
import { compileFfmpeg } from '../../src/audio/ffmpeg-module.ts';

/** A process that imports what the bot imports, and does nothing; on request it compiles FFmpeg, too. */
const module = process.argv.includes('ffmpeg') ? await compileFfmpeg() : undefined;
process.send?.(module ? 'compiled' : 'imported');
await once(process, 'disconnect');
