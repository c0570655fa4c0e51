import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { primeSeal } from './seal.ts';
import { createVoiceLink } from './voice-link.ts';
import type { VoiceLog, VoiceThreadCommand, VoiceThreadEvent } from './voice-messages.ts';

/** The thread of all voice connections: what goes out each 20 ms waits for nothing else. */
const port = parentPort;
if (!port) throw new Error('This is the file of a thread');
hurry();
primeSeal();
const tell = (event: VoiceThreadEvent) => port.postMessage(event);
const link = createVoiceLink({
  emit: tell,
  log: { info: logger('info'), warn: logger('warn') },
});

port.on('message', (command: VoiceThreadCommand) => {
  if (command.type !== 'close') return link.post(command);
  void link.close();
  port.close();
});

function logger(level: keyof VoiceLog): VoiceLog[typeof level] {
  return (fields, text) => tell({ type: 'log', level, fields, text });
}

/** Before all else on a busy machine, where the system lets it: on Linux this thread alone. */
function hurry(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch {
    // Only the system's administrator may; without it sound is but a little less even.
  }
}
