import { type Interrupted, type Problem, unreachable } from '../domain/errors.ts';
import { RULE_NEEDS } from './access-words.ts';
import { CLONES_LOST, wordClones, wordRenewalBudget } from './clone-words.ts';
import { wordDiscordRefusal } from './discord-refusals.ts';
import { wordBudget, wordCharacters, wordRange, wordRate } from './limit-words.ts';
import { listNames, quoteName, wordWhen } from './markup.ts';
import { BLOCKS, wordRefusal, wordWithdrawal } from './refusals.ts';

/**
 * Says a problem to a member in plain English: what happened, who can fix it, the next step.
 * Times are Discord's own markup, so that everyone reads them in their own zone.
 */
export function wordProblem(problem: Problem): string {
  return `${sentence(problem)}\n-# ${problem.code}`;
}

function sentence(problem: Problem): string {
  switch (problem.code) {
    case 'E_TEXT_EMPTY':
      return 'There is nothing to say: the text is empty. Type a few words and send it again.';
    case 'E_TEXT_UNSPEAKABLE':
      return 'Nothing in that text can be spoken: it has no letters or numbers. Add a few words.';
    case 'E_TEXT_SPOILER':
      return 'The whole text is a spoiler, and spoilers are not spoken aloud. Add a few words outside the bars.';
    case 'E_TEXT_ENCODING':
      return 'That text has broken characters in it. Type it again instead of pasting it.';
    case 'E_TEXT_LONG':
      return `That text has ${problem.length} characters; this server allows ${problem.max}. Shorten it, or send it in parts. An admin can raise this with \`/admin limits\`.`;
    case 'E_ATT_EMPTY':
      return 'That file is empty (0 bytes). Record it again and attach the new file.';
    case 'E_ATT_BIG':
      return `That file is larger than ${Math.floor(problem.maxBytes / 1_048_576)} MB. Ten to thirty seconds of your voice are plenty: send a shorter recording.`;
    case 'E_ATT_TYPE':
      return 'That file is not a recording I can read. Send mp3, wav, flac, m4a, ogg, webm, aac or a video with sound. What counts is what is inside, not the name.';
    case 'E_ATT_EXPIRED':
      return 'Discord no longer has that file. Attach it again.';
    case 'E_ATT_HOST':
      return 'That file is not on Discord. Attach it to the command instead of linking to it.';
    case 'E_ATT_TIMEOUT':
      return 'Discord was too slow to hand over that file. Try again in a moment.';
    case 'E_AUDIO_DECODE':
      return 'That recording is damaged: I could not decode it. Record it again, or save it as mp3 or wav.';
    case 'E_AUDIO_NONE':
      return 'There is no sound track in that file. Send one with your voice in it.';
    case 'E_AUDIO_SHORT':
      return `I found only ${problem.seconds.toFixed(1)} seconds of speech; the voice needs at least ${problem.minSeconds}. Record 10 to 30 seconds of normal talking.`;
    case 'E_AUDIO_SILENT':
      return 'That recording is (almost) silent. Check that the right microphone is chosen, move closer and record it again.';
    case 'E_AUDIO_CLIPPED':
      return 'That recording does not sound like somebody talking: it is badly distorted (recorded too loud), or a steady noise. Move away from the microphone or turn it down, and record normal talking.';
    case 'E_VOICE_NONE':
      return `You have no voice called ${quoteName(problem.query)}${problem.among === 'all' ? ', and no stock voice is called that' : ''}. Pick one from the list while typing, or see \`/voices list\`.`;
    case 'E_VOICE_MISSING':
      return `You have no voice yet. Make one with \`/clone\`${problem.offersStock ? ', or use a stock voice this once' : ''}.`;
    case 'E_VOICE_AMBIGUOUS':
      return `More than one voice is called ${quoteName(problem.query)}. Pick one from the list while typing.`;
    case 'E_VOICE_LAPSED':
      return wordLapse(quoteName(problem.name), problem.why);
    case 'E_VOICE_REFUSED':
      return `The speech provider (Venice) refused this line in the voice ${quoteName(problem.name)} without saying why, also after I renewed the voice. Try other words. If it refuses those too, clone the voice again with \`/clone\`, or use a stock voice this once.`;
    case 'E_VOICE_MODEL':
      return problem.retiredAt === undefined
        ? `The voice ${quoteName(problem.name)} belongs to the model \`${problem.model}\`, which the provider does not offer at the moment. Try later, or clone it again with \`/clone\` to use another model.`
        : `The voice ${quoteName(problem.name)} belongs to the model \`${problem.model}\`, which the provider retired ${wordWhen(problem.retiredAt)}. Another model would sound like somebody else, so none takes its place by itself: clone it again with \`/clone\`, or use a stock voice this once.`;
    case 'E_VOICES_FULL':
      return `You already own ${problem.max} voices, the most allowed here. Delete one with \`/voices delete\`, or name an existing voice in \`/clone\` to replace it.`;
    case 'E_NAME_TAKEN':
      return `${problem.by === 'own' ? 'You already have a voice' : 'A stock voice is'} called ${quoteName(problem.name)}. Choose another name.`;
    case 'E_NAME_BAD':
      return 'That name cannot be used. Choose 1 to 32 visible characters with a letter or a number in them.';
    case 'E_MODEL_NONE':
      return `The provider has no cloning model called \`${problem.model.slice(0, 64).replaceAll('`', '')}\` for this bot. Leave \`model\` out, or pick one from the list.`;
    case 'E_CONSENT_NEEDED':
      return 'You have not agreed to the terms as they stand now, or took your agreement back meanwhile. Run the command again to read and accept them.';
    case 'E_CONSENT_FLOOR':
      return 'Whoever runs this bot demands a stricter consent than this version can take, so nothing can be cloned for now. Ask them.';
    case 'E_CLONE_BUSY':
      return 'A clone of yours is already underway. Wait for it, then try again.';
    case 'E_TOO_NEW':
      return problem.what === 'account'
        ? `Your Discord account is too new to clone a voice. It will be old enough ${wordWhen(problem.until)}.`
        : `You joined this server too recently to clone a voice here. You can ${wordWhen(problem.until)}.`;
    case 'E_OPT_RANGE':
      return wordRange(problem);
    case 'E_OPT_VALUE':
      return `\`${problem.option}\` has a value I do not know. Pick one from the list.`;
    case 'E_OPT_RESET':
      return `\`${problem.option}\` is both given and set back to its default, so I changed nothing. Leave one of the two out.`;
    case 'E_OPT_FORMAT':
      return `\`format\` is the kind of an audio file, and \`output: ${problem.output}\` makes none. Leave one of the two out.`;
    case 'E_CHANNEL_TYPE':
      return 'That is not a voice channel of this server. Pick a voice channel.';
    case 'E_GUILD_ONLY':
      return 'That only works in a server that has added me. Use it there.';
    case 'E_NOT_YOURS':
      return 'That button has been used already, has expired, or belongs to somebody else. Run the command again to get your own.';
    case 'E_EXPIRED_BUTTON':
      return 'That button has expired. Run the command again to get a fresh one.';
    case 'E_BOT_PERMS':
      return `I lack ${listNames(problem.permissions)} in <#${problem.channelId}>. An admin can give me that in the channel's permissions.`;
    case 'E_MEMBER_PERMS':
      return `You lack ${listNames(problem.permissions)} in <#${problem.channelId}>, and I do not do for you what Discord denies you. A moderator of this server can give you that.`;
    case 'E_NOT_ALLOWED':
      return wordRefusal(problem);
    case 'E_NEEDS_RIGHT':
      return problem.right === 'moderator'
        ? 'Only moderators may do that: you need Manage Server, Timeout Members, or a role an admin named with `/admin access`.'
        : 'Only members with Manage Server may do that.';
    case 'E_ACCESS_SUBJECT':
      return RULE_NEEDS[problem.why];
    case 'E_BLOCK':
      return BLOCKS[problem.whom];
    case 'E_OFF':
      return 'Speaking is switched off in this server for now. A moderator can switch it on with `/mod on`.';
    case 'E_BOT_MUTED':
      return `The server has muted me in voice, so nobody would hear you in <#${problem.channelId}>. A moderator can unmute me there.`;
    case 'E_JOIN_VOICE':
      return `You are not in a voice channel. Join one and try again, or ${problem.what === 'say' ? 'use `output: file`' : 'name a `channel`'}.`;
    case 'E_NOT_IN_VOICE':
      return 'I am not in a voice channel here. `/join` brings me into yours.';
    case 'E_BUSY_ELSEWHERE':
      return `I am busy in <#${problem.channelId}> and people are listening there. Join it, wait until it is empty, or post your line as a file.`;
    case 'E_OTHERS_LISTENING':
      return `Others are listening in <#${problem.channelId}>, so only a moderator can move me or send me away.`;
    case 'E_CHANNEL_FULL':
      return `<#${problem.channelId}> is full. Somebody has to leave, or a moderator can raise its user limit.`;
    case 'E_VOICE_CONNECT':
      return `I could not connect to <#${problem.channelId}>: Discord's voice server did not answer. Nothing was spoken. Try again; if it stays, an admin can change the channel's region.`;
    case 'E_VOICE_LOST':
      return `The connection to <#${problem.channelId}> was lost before your line was over. Use \`/join\` and send it again.`;
    case 'E_VOICE_REMOVED':
      return `I was put out of <#${problem.channelId}> before your line was over. \`/join\` brings me back.`;
    case 'E_VOICE_MOVED':
      return `I was called from <#${problem.channelId}> to <#${problem.to}> before your line was over. Send it again there.`;
    case 'E_CALLED_AWAY':
      return `I was called away from <#${problem.channelId}> before I had arrived there. \`/join\` brings me back.`;
    case 'E_QUEUE_FULL':
      return problem.whose === 'member'
        ? `You already have ${problem.max} lines waiting, the most allowed here. Wait for one to be spoken, or take yours back with \`/stop\`.`
        : `${problem.max} lines are already waiting in this server, the most allowed here. Try again when some have been spoken.`;
    case 'E_NOTHING_TO_SKIP':
      return wordNothing(problem);
    case 'E_RATE':
      return wordRate(problem.what, problem.until);
    case 'E_CHARACTERS':
      return wordCharacters(problem);
    case 'E_BUDGET':
      return wordBudget(problem);
    case 'E_CLONES':
      return wordClones(problem);
    case 'E_RENEWAL_BUDGET':
      return wordRenewalBudget(problem);
    case 'E_CLONE_LOST':
      return CLONES_LOST[problem.what];
    case 'E_PROVIDER_DOWN':
      return 'The speech provider (Venice) is not answering properly, so this could not be finished. Try again; if it stays so, wait a few minutes.';
    case 'E_PROVIDER_BUSY':
      return `The speech provider (Venice) is busy. Try again ${wordWhen(problem.until)}.`;
    case 'E_PROVIDER_ACCESS':
      return "This bot's access to the speech provider is broken. It is not your fault, and whoever runs the bot has been told.";
    case 'E_PROVIDER_BALANCE':
      return 'This bot has run out of credit at the speech provider (Venice). Whoever runs the bot has been told and can top it up; I notice within a minute once they have. Send it again then.';
    case 'E_PROVIDER_MODEL':
      return `The speech provider (Venice) does not let this bot use the model \`${problem.model}\` at the moment. Voices of other models are not affected: use another voice, or clone yours with another model (\`/clone model:\`).`;
    case 'E_PROVIDER_REJECTED':
      return 'The speech provider (Venice) refused this. Change the words or the recording and try again.';
    case 'E_PROVIDER_BIG':
      return 'The speech provider (Venice) finds that too large. Use a shorter recording or text.';
    case 'E_PROVIDER_BAD_AUDIO':
      return 'The speech provider (Venice) sent back something that is not speech, so this could not be finished. Try again.';
    case 'E_THREAD_UNSEEN':
      return `I am not in <#${problem.channelId}>, a private thread, so I can post nothing there. Mention me there (<@${problem.botId}>), or have whoever opened it or a moderator add me; then try again.`;
    case 'E_FILE_BIG':
      return `The ${problem.format} file is larger than Discord takes here. Use ${problem.format === 'mp3' ? '' : '`format: mp3` or '}a shorter text.`;
    case 'E_DISCORD_REFUSED':
      return wordDiscordRefusal(problem);
    case 'E_DISCORD_AWAY':
      return 'Discord itself did not answer, so this could not be done. Try again in a moment.';
    case 'E_DISCORD_DOWN':
      return 'Discord itself did not answer, so I cannot tell whether this was posted. Look for it first. For two minutes *Try again* posts nothing twice; after that it has expired.';
    case 'E_STORE_BUSY':
      return "Another program is holding this bot's records, so I could write nothing down: this was not done, and nothing is lost. Try again in a moment; if it stays, tell whoever runs the bot.";
    case 'E_DISK_FULL':
      return problem.what === 'keep'
        ? "This bot's disk is full, so nothing new can be kept; deleting still works. Whoever runs the bot can free some space."
        : "This bot's disk is so full that not even the little room is there that deleting needs, so not all of it was deleted. Whoever runs the bot can free some space: tell them, then do this again.";
    case 'E_WITHDRAWN':
      return `Your line was stopped: ${wordWithdrawal(problem)}`;
    case 'E_INTERRUPTED':
      return INTERRUPTED[problem.what];
    case 'E_CUT_SHORT':
      return `I am being restarted, so your line in <#${problem.channelId}> was not heard to its end. What is missing can be sent again in a minute.`;
    case 'E_STOPPING':
      return 'The bot is restarting. Nothing was done or charged; send it again in a minute.';
    default:
      return unreachable(problem);
  }
}

const INTERRUPTED = {
  line: 'The bot was restarted before your line was over. If you did not hear it and see no post of it, it was not spoken: send it again.',
  clone:
    'The bot was restarted before your voice was ready. `/voices list` says whether it was finished; if it is not there, run `/clone` again.',
  other:
    'The bot was restarted before it could say what became of this. Look first whether it was done; if nothing came of it, or only a part, send it again.',
} as const satisfies Record<Interrupted, string>;

function wordLapse(name: string, why: Extract<Problem, { code: 'E_VOICE_LAPSED' }>['why']): string {
  const remedy = 'Clone it again with `/clone`, or use a stock voice this once.';
  switch (why) {
    case 'no-sample':
      return `The voice ${name} has lapsed at the provider, and its recording was not kept, so I cannot renew it. ${remedy}`;
    case 'refused':
      return `The voice ${name} has lapsed at the provider, which no longer takes its recording. ${remedy}`;
    default:
      return unreachable(why);
  }
}

function wordNothing({
  what,
  whose,
  isSpeaking,
  waiting,
}: Extract<Problem, { code: 'E_NOTHING_TO_SKIP' }>): string {
  const wayOut = `\`/stop\` takes ${whose === 'all' ? 'all that waits' : 'yours'} back.`;
  if (what === 'skip' && isSpeaking) {
    const reason = 'The line being spoken is not yours, and only moderators can skip it.';
    return waiting > 0 ? `${reason} ${wayOut}` : reason;
  }
  if (waiting > 0)
    return `Nothing is being spoken here yet, so there is nothing to skip. ${wayOut}`;
  return whose === 'all'
    ? 'Nothing is being spoken here, and nothing waits. `/say` adds a line.'
    : 'No line of yours is being spoken here or waits. `/say` adds one; moderators can stop those of others.';
}
