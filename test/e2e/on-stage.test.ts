import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import type { Listener } from '../discord/voice/listener.ts';
import type { Channel } from '../discord/world/world.ts';
import { READING, type Stage, setStage } from './stage.ts';

const text = async (answer: ReturnType<Member['runs']>) => (await (await answer).done()).text;

describe('a stage channel', () => {
  let stage: Stage;
  let agora: Channel;
  let ears: Listener;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada);
    agora = stage.guild.addChannel('stage', 'Agora');
    ears = stage.ada.joinsVoice(agora) as Listener;
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const botState = () => stage.guild.guild.voiceStates.get(stage.discord.world.bot.id);
  const hand = () => botState()?.requestedToSpeakAt;
  const panelOf = async (title: string) =>
    await stage.discord.world.watch.until(
      () => [...agora.messages.values()].find(({ json }) => json.content.includes(title)),
      { what: 'a panel' },
    );

  test('/join from the audience brings the bot to the audience, where it asks for nothing', async () => {
    const answer = await text(stage.ada.runs('join'));
    expect(answer).toContain(`in the audience of <#${agora.id}>`);
    expect(botState()).toMatchObject({ channelId: agora.id, isSuppressed: true });
    expect(hand()).toBeNull();
  });

  test('nobody in the audience is spoken for, and a file is offered', async () => {
    const { ada, venice } = stage;
    const asked = venice.spoken().length;
    const answer = await ada.runs('say', { text: 'May I?' });
    expect((await answer.done()).text).toContain('You are not a speaker of that stage');
    expect(hand()).toBeNull();
    expect(venice.spoken()).toHaveLength(asked);
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as');
  });

  test('for a speaker the bot asks to speak, says who must let it, and is heard once it is let', async () => {
    const { ada, guild, venice, discord } = stage;
    ada.isOnStage(true);
    const asked = venice.spoken().length;
    const answer = await ada.runs('say', { text: 'Friends, Romans, countrymen.' });
    const waiting = await answer.until(({ text: shown }) => shown.includes('asked to speak'));
    expect(waiting.text).toContain(`<#${agora.id}>: a moderator of it must let me`);
    expect(hand()).not.toBeNull();
    expect(venice.spoken()).toHaveLength(asked);
    expect(await text(ada.runs('queue'))).toContain(`1. <@${ada.id}> as \`Ada\``);
    expect(ears.packets).toHaveLength(0);
    discord.suppressesBot(guild.id, false);
    await answer.until(({ text: shown }) => shown.includes('You are heard in'));
    await answer.until(({ text: shown }) => shown.includes('Spoken in'));
    await ears.hearsEnd();
    expect(ears.speech().length).toBeGreaterThan(20);
  });

  test('moved back to the audience it stops; it asks again only when asked to, and may be turned down', async () => {
    const { ada, guild, discord } = stage;
    const heard = ears.packets.length;
    const cut = await ada.runs('say', { text: READING });
    await ears.until(({ packets }) => packets.length > heard + 5);
    discord.suppressesBot(guild.id, true);
    const end = await cut.until(({ text: shown }) => shown.includes('E_WITHDRAWN'));
    expect(end.text).toContain('moved me to the audience of that stage');
    expect(hand()).toBeNull();
    const refused = await ada.runs('say', { text: READING });
    await refused.until(({ text: shown }) => shown.includes('asked to speak'));
    const panel = await panelOf('Waiting to be let speak');
    expect(panel.json.content).toContain(`let speak:** <@${ada.id}> as \`Ada\``);
    const skipped = await (await ada.presses(panel, 'Skip')).done();
    expect(skipped.text).toContain('Nothing is being spoken here yet');
    discord.suppressesBot(guild.id, true);
    const refusal = await refused.until(({ text: shown }) => shown.includes('E_WITHDRAWN'));
    expect(refusal.text).toContain('no moderator of that stage has let me speak');
    expect((await (await refused.clicks('Post as file')).done()).text).toContain('Posted as');
  });

  test('whoever takes the line back does not have to wait', async () => {
    const { ada, guild } = stage;
    const mod = guild.addMember({ name: 'Mod', permissions: ['ModerateMembers'] });
    const answer = await ada.runs('say', { text: READING });
    await answer.until(({ text: shown }) => shown.includes('asked to speak'));
    expect(await text(mod.runs('skip'))).toContain('`/stop` takes all that waits back');
    const refusal = await text(ada.runs('skip'));
    expect(refusal).toContain('Nothing is being spoken here yet');
    expect(refusal).toContain('`/stop` takes yours back');
    expect(await text(ada.runs('stop'))).toContain('Stopped one line');
    await answer.until(({ text: shown }) => shown === 'Your line was stopped.');
  });

  test('without the right even to ask it names that right', async () => {
    const { ada, guild, discord } = stage;
    const mute = guild.addChannel('stage', 'Mute');
    guild.deny(mute, discord.world.bot.id, 'member', ['RequestToSpeak']);
    expect(await text(ada.runs('join', { channel: mute.id }))).toContain('**Request to Speak**');
  });

  test('where it may decide itself it takes the stage, again and again; who leaves the stage is cut', async () => {
    const { ada, guild, discord } = stage;
    guild.allow(agora, discord.world.bot.id, 'member', ['MuteMembers']);
    expect(await text(ada.runs('join'))).toContain(`I am on the stage <#${agora.id}>`);
    expect(botState()?.isSuppressed).toBe(false);
    await text(ada.runs('leave'));
    const heard = ears.packets.length;
    const answer = await ada.runs('say', { text: READING });
    await ears.until(({ packets }) => packets.length > heard + 5);
    // Where it comes again, it comes to the audience again.
    discord.losesGatewaySession();
    await discord.world.watch.until(
      () =>
        discord.gateway.identifies === 2 && botState()?.isSuppressed === false ? true : undefined,
      { what: 'the bot back on the stage' },
    );
    const until = ears.packets.length;
    await ears.until(({ packets }) => packets.length > until + 5);
    expect(answer.history().some(({ message }) => message.text.includes('asked'))).toBe(false);
    ada.isOnStage(false);
    const end = await answer.until(({ text: shown }) => shown.includes('E_WITHDRAWN'));
    expect(end.text).toContain('you are not a speaker of that stage');
  });
});
