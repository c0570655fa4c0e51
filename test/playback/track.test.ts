import { expect, test } from 'vitest';
import { packPackets } from '../../src/playback/packet-batch.ts';
import { Track } from '../../src/playback/track.ts';

/** A track whose frames are counted: speech as its number, silence as '-', nothing as '.'. */
function record() {
  let ready: Uint8Array[] = [];
  let heard = '';
  const track = new Track(
    {
      prepare(packets) {
        ready = [...packets];
      },
      dispatch() {
        const packet = ready.shift();
        if (packet) heard += packet.byteLength === 1 ? 's' : '-';
        return packet !== undefined;
      },
      setSpeaking: () => undefined,
    },
    { started: () => undefined, underrun: () => undefined, done: () => undefined },
  );
  return {
    track,
    push: (count: number) =>
      track.push('u', packPackets(Array.from({ length: count }, () => Uint8Array.of(1)))),
    /** So many frames go by; what was heard in them. */
    pass(frames: number): string {
      heard = '';
      for (let frame = 0; frame < frames; frame += 1) {
        if (!track.dispatch()) heard += '.';
        track.prepare(10);
      }
      return heard;
    },
  };
}

test('each time it runs dry it waits for more before it goes on, and before the next line', () => {
  const { track, push, pass } = record();
  const needed = () => {
    for (let count = 1; ; count += 1) {
      push(1);
      if (pass(1) === 's') return count;
    }
  };
  const goesWell = (packets: number) => {
    push(packets);
    track.end('u');
    return pass(packets + 200);
  };
  track.begin('u');
  push(3);
  expect(pass(10)).toBe('sss-----..');
  const waits = [needed()];
  for (let time = 0; time < 5; time += 1) {
    pass(200);
    waits.push(needed());
  }
  expect(waits).toEqual([10, 20, 40, 80, 80, 80]);
  goesWell(0);
  for (const wait of [80, 40, 20, 10, 1, 1]) {
    track.begin('u');
    expect(needed()).toBe(wait);
    goesWell(3);
  }
  // Shorter than that, and whole: there is nothing to wait for.
  track.begin('u');
  push(1);
  pass(20);
  goesWell(0);
  track.begin('u');
  expect(goesWell(3)).toMatch(/^sss-----\.+$/);
});
