import type { Listener } from '../discord/voice/listener.ts';
import { setStage } from '../e2e/stage.ts';

const LINES = 30;
const SENTENCE = 'This first sentence has fifty characters, or nearly. ';

/** From the provider's first byte to the first voice packet, in milliseconds, line by line. */
export async function measureFirstPackets(): Promise<readonly number[]> {
  await using stage = await openStage();
  const { ada, guild, venice } = stage;
  const ears = ada.joinsVoice(guild.lounge) as Listener;
  await (await ada.runs('join')).done();
  const latencies: number[] = [];
  for (let line = 0; line < LINES; line += 1) {
    const heard = ears.packets.length;
    await (await ada.runs('say', { text: `Number ${line}.` })).done();
    const first = ears.packets.slice(heard).find(({ isSilence }) => !isSilence);
    latencies.push((first?.at ?? 0) - (venice.spoken().at(-1)?.firstByteAt ?? 0));
  }
  return latencies;
}

/** Milliseconds from Enter to the first sound: of one sentence, of a thousand characters, of the whole at once. */
export async function measureLongLine(): Promise<{
  sentence: number;
  long: number;
  whole: number;
}> {
  await using stage = await openStage();
  const { ada, guild, venice } = stage;
  venice.setDelays({ firstByteMs: 500, perCharacterMs: 9 });
  const ears = ada.joinsVoice(guild.lounge) as Listener;
  await (await ada.runs('join')).done();
  const text = SENTENCE.repeat(20).slice(0, 1000).trim();
  const untilSound = async (spoken: string) => {
    const heard = ears.packets.length;
    const startedAt = performance.timeOrigin + performance.now();
    const answer = await ada.runs('say', { text: spoken });
    const isSound = ({ packets }: Listener) =>
      packets.slice(heard).some(({ isSilence }) => !isSilence);
    await ears.until(isSound);
    const first = ears.packets.slice(heard).find(({ isSilence }) => !isSilence);
    await (await ada.runs('stop')).done();
    await answer.until(({ text: shown }) => shown.includes('stopped'));
    return (first?.at ?? 0) - startedAt;
  };
  const sentence = await untilSound(SENTENCE.trim());
  const long = await untilSound(text);
  // What a bot waits for that asks for all of it in one call.
  return { sentence, long, whole: 500 + 9 * text.length };
}

/** Milliseconds from starting the process to `ready`. */
export async function measureStart(): Promise<number> {
  await using stage = await openStage();
  await stage.bot.stop('SIGTERM');
  const startedAt = performance.now();
  await stage.restart();
  return performance.now() - startedAt;
}

async function openStage() {
  const stage = await setStage({ venice: { requestsPerMinute: 6000 } });
  const admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
  const limits = { text: 1000, lines_per_minute: 60, budget_per_day: 5 };
  await (await admin.runs('admin limits', limits)).done();
  await stage.clone(stage.ada);
  return stage;
}
