import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { measureCrowd } from './bench/crowd.ts';
import { measureFirstPackets, measureLongLine, measureStart } from './bench/first-sound.ts';
import { quantile } from './bench/quantile.ts';
import { measureWork } from './bench/work.ts';

/** A figure: what was measured, what it must reach, and whether it did. */
interface Figure {
  readonly name: string;
  readonly measured: string;
  readonly goal: string;
  readonly isReached: boolean;
}

const figures: Figure[] = [];
const ms = (value: number) => `${value.toFixed(1)} ms`;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

const packets = await measureFirstPackets();
const [median, late] = [quantile(packets, 0.5), quantile(packets, 0.99)];
add({
  name: 'first provider byte → first RTP packet, WAV 24 kHz, median and p99',
  measured: `${ms(median)}, ${ms(late)}`,
  goal: '≤5 ms, ≤25 ms',
  isReached: median <= 5 && late <= 25,
});

const line = await measureLongLine();
add({
  name: '1,000 characters → first sound, against its first sentence alone, and against one call for all of it',
  measured: `${(line.long / line.sentence).toFixed(2)}× (${ms(line.long)}), ${(line.whole / line.long).toFixed(1)}× sooner`,
  goal: '≤1.2×, ≥5× sooner',
  isReached: line.long <= 1.2 * line.sentence && line.whole >= 5 * line.long,
});

const spoken = { seconds: 20, from: 'packets', isBlocked: false } as const;
const one = await measureCrowd({ way: 'ours', sessions: 1, ...spoken });
addCrowd(1, one);
addCrowd(10, await measureCrowd({ way: 'ours', sessions: 10, ...spoken }));
const ours = await measureCrowd({ way: 'ours', sessions: 100, ...spoken });
const usual = await measureCrowd({ way: 'usual', sessions: 100, ...spoken });
const ratio = ours.cpu / usual.cpu;
add({
  name: '100 sessions speaking from packets, with DAVE: of a core, against AudioPlayer, p99 spacing',
  measured: `${percent(ours.cpu)}, ${ratio.toFixed(2)}× of ${percent(usual.cpu)}, ${ms(ours.spacing.p99)}`,
  goal: '≤22 %, ≤0.55×, ≤25 ms',
  isReached: ours.cpu <= 0.22 && ratio <= 0.55 && ours.spacing.p99 <= 25,
});
const blocked = await measureCrowd({ way: 'ours', sessions: 100, ...spoken, isBlocked: true });
add({
  name: 'the same while the main thread is blocked 60 ms in every 200: p99 spacing, lost',
  measured: `${ms(blocked.spacing.p99)}, ${blocked.lost}`,
  goal: '≤25 ms, 0',
  isReached: blocked.spacing.p99 <= 25 && blocked.lost === 0,
});
const many = await measureCrowd({ way: 'ours', sessions: 300, ...spoken });
const perSession = (many.memory - one.memory) / 299;
add({
  name: '300 sessions: frames within 10 ms of due, lost, how long 20 s take, memory a session',
  measured: `${percent(many.onTime)}, ${many.lost}, ${many.heardSeconds.toFixed(2)} s, ${megabytes(perSession)}`,
  goal: '≥99 %, 0, 20.0 ± 0.05 s, ≤0.6 MB',
  isReached:
    many.onTime >= 0.99 &&
    many.lost === 0 &&
    Math.abs(many.heardSeconds - 20) <= 0.05 &&
    perSession <= 600_000,
});
const live = await measureCrowd({ way: 'ours', sessions: 30, ...spoken, from: 'sound' });
add({
  name: '30 sessions encoding live from 24 kHz sound: of a core',
  measured: percent(live.cpu),
  goal: '≤25 %',
  isReached: live.cpu <= 0.25,
});

const { idle, files, intake } = await measureWork();
for (const format of ['mp3', 'ogg'] as const) {
  const { ms: took, loopDelay } = files[format];
  add({
    name: `30 s of speech → ${format}: p99.9 of the main loop's delay, above idle (${ms(idle)})`,
    measured: `${ms(loopDelay - idle)}, done in ${took.toFixed(0)} ms`,
    goal: '≤10 ms',
    isReached: loopDelay - idle <= 10,
  });
}
add({
  name: "intake of a 30 s m4a, warm, and p99.9 of the main loop's delay",
  measured: `${intake.ms.toFixed(0)} ms, ${ms(intake.loopDelay)}`,
  goal: '≤400 ms, ≤25 ms',
  isReached: intake.ms <= 400 && intake.loopDelay <= 25,
});

const start = await measureStart();
add({
  name: 'start → ready against the stand-ins',
  measured: `${(start / 1000).toFixed(2)} s`,
  goal: '≤2.5 s',
  isReached: start <= 2500,
});

await writeFile(new URL('../BENCHMARKS.md', import.meta.url), report());
process.exit(0);

function add(figure: Figure): void {
  figures.push(figure);
  const { name, measured, goal, isReached } = figure;
  console.log(`${isReached ? 'ok    ' : 'MISSED'} ${name}\n       ${measured} (goal: ${goal})`);
}

function addCrowd(sessions: number, crowd: Awaited<ReturnType<typeof measureCrowd>>): void {
  add({
    name: `${sessions} session(s) speaking from packets, with DAVE: of a core, p99 spacing, lost`,
    measured: `${percent(crowd.cpu)}, ${ms(crowd.spacing.p99)}, ${crowd.lost}`,
    goal: 'p99 ≤25 ms, 0',
    isReached: crowd.spacing.p99 <= 25 && crowd.lost === 0,
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function report(): string {
  const [cpu] = cpus();
  const rows = figures.map(
    ({ name, measured, goal, isReached }) =>
      `| ${name} | ${measured} | ${goal} | ${isReached ? 'yes' : '**no**'} |`,
  );
  return `# Benchmarks

Written by \`npm run bench\` on ${cpus().length} cores (${cpu?.model.trim()}), Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the end.
The listeners and the stand-ins run on the same machine. The usual way is \`createAudioResource\` and
\`AudioPlayer\` fed with the same Opus packets; sessions start 5 ms apart. The provider stand-in takes
0.5 s and 9 ms a character to its first byte. The ways through FFmpeg are not run: no \`ffmpeg\` here.

| figure | measured | must reach | reached |
|---|---|---|---|
${rows.join('\n')}
`;
}
