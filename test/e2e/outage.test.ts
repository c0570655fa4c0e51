import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

/** As often as the library asks before it gives up. */
const GIVES_UP = 4;

describe('an outage of Discord', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('what became of a line that was heard is told once Discord is back', async () => {
    const { ada, discord, guild } = stage;
    ada.joinsVoice(guild.lounge);
    const spoken = { method: 'PATCH', path: '@original', says: 'Spoken in', status: 500 };
    discord.rest.fail(spoken, GIVES_UP);
    const answer = await ada.runs('say', { text: 'Do you hear me?' });
    expect((await answer.done()).text).toContain('Spoken in');
    expect(stage.bot.output.join()).not.toContain('a bug');
    ada.leavesVoice();
  });

  test('an answer that Discord refuses as it is still becomes one', async () => {
    const { ada, discord } = stage;
    const helped = { method: 'PATCH', path: '@original', says: 'Next', status: 400 };
    discord.rest.fail(helped);
    const answer = await ada.runs('help');
    expect((await answer.done()).text).toContain('Something went wrong on my side');
  });

  test.each([
    ['file', 'cut', 1],
    ['message', 'cut', 1],
    ['file', 502, 1],
    ['message', 502, 3],
    ['file', 'cut', GIVES_UP],
    ['message', 502, GIVES_UP],
  ] as const)(
    'a %s that Discord took is neither denied nor doubled where its answers are lost (%s, %d times)',
    async (output, status, times) => {
      const { ada, discord, guild } = stage;
      const before = guild.messages(guild.lobby).length;
      const path = `/channels/${guild.lobby.id}/messages`;
      discord.rest.fail({ method: 'POST', path, says: 'attachments', status, isDone: true }, times);
      const answer = await ada.runs('say', { text: 'Heard, but not answered.', output });
      expect((await answer.done()).text).toMatch(/^Posted as a .*https:/);
      const posted = guild.messages(guild.lobby).slice(before);
      expect(posted.filter(({ attachments }) => attachments.length > 0)).toHaveLength(1);
      expect(posted).toHaveLength(output === 'file' ? 1 : 2);
    },
  );

  test.each([
    ['file', 'a file'],
    ['message', 'a voice message'],
  ])(
    'a %s that Discord did not take can be posted later, without being paid again',
    async (output, posted) => {
      const { ada, discord, guild, venice } = stage;
      const path = `/channels/${guild.lobby.id}/messages`;
      discord.rest.fail({ method: 'POST', path, status: 500 }, GIVES_UP);
      const answer = await ada.runs('say', { text: `Take this ${output}.`, output });
      expect((await answer.done()).text).toContain('E_DISCORD_DOWN');
      const spoken = venice.spoken().length;
      expect((await (await answer.clicks('Try again')).done()).text).toContain(
        `Posted as ${posted}`,
      );
      expect(venice.spoken()).toHaveLength(spoken);
    },
  );
});
