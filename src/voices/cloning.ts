import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { SampleIntake } from '../audio/intake.ts';
import type { Measurements } from '../audio/measure.ts';
import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { MAX_UPLOAD_BYTES } from '../domain/limits.ts';
import { foldName } from '../domain/text.ts';
import type { Voice } from '../domain/voice.ts';
import type { CloneMoney } from '../guilds/clone-money.ts';
import type { Limits } from '../guilds/limits.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import type { CloningModel } from '../venice/models.ts';
import { fetchAttachment, isFromCdn } from './attachment.ts';
import { CONSENT_SHA256, CONSENT_VERSION } from './consent.ts';
import { isRefusedRecording } from './refused-recording.ts';
import type { Uploads } from './uploads.ts';

/** What a member asks for; survives as the state of a button, so it is plain data. */
export interface CloneRequest {
  readonly userId: Snowflake;
  /** Where it was asked for; undefined: in direct messages. */
  readonly guildId: Snowflake | undefined;
  readonly url: string;
  /** As Discord declares them; what counts is what arrives. */
  readonly bytes: number;
  readonly contentType: string | undefined;
  readonly name: string;
  readonly model: string;
  readonly language: string | undefined;
  /** The voice this one takes the place of once it works. */
  readonly replaces: string | undefined;
}

/** Types that no recording is sent as, however wrongly it is named. */
const NO_SOUND = /^((image|text|font|model)\/|application\/(pdf|zip|json|javascript|vnd\.)\b)/i;

export interface Cloned {
  readonly voice: Voice;
  readonly measured: Measurements;
}

export type CloneStage = 'fetching' | 'listening' | 'cloning';

export interface Cloning {
  /** Refuses what can be refused before anything is fetched. @throws UserError. */
  check(request: CloneRequest): Promise<void>;
  hasConsented(userId: Snowflake): Promise<boolean>;
  /**
   * Fetches, measures and cleans the recording, has it cloned, and keeps the voice. A recording that
   * is refused, here or by the provider, counts with the member's refused ones.
   * @throws UserError E_CLONE_BUSY, E_RATE and others; VeniceError.
   */
  clone(
    request: CloneRequest,
    options: { signal: AbortSignal; onStage: (stage: CloneStage) => Promise<void> },
  ): Promise<Cloned>;
  /** Makes ready what the first recording would wait for. Never rejects. */
  warmUp(): Promise<void>;
  /** The model a clone uses when the member names none. @throws UserError E_MODEL_NONE. */
  model(named: string | undefined): CloningModel;
}

export function createCloning(options: {
  store: Store;
  uploads: Uploads;
  money: CloneMoney;
  limits: Pick<Limits, 'checkRecordings' | 'countRefused'>;
  catalogue: Catalogue;
  intake: SampleIntake;
  cdnUrl: string;
  voicesPerMember: number;
  /** What the operator demands; only an attested consent can be taken here. */
  consentFloor: 'attest' | 'spoken' | 'approve';
  log: Logger;
}): Cloning {
  const { store, uploads, money, limits, catalogue, intake, cdnUrl, voicesPerMember, log } =
    options;

  // One at a time: each would see the same free name and the same room.
  const underway = new Set<Snowflake>();

  const model: Cloning['model'] = (named) => {
    const models = catalogue.cloning();
    const found = named === undefined ? models[0] : models.find(({ id }) => id === named);
    if (!found) throw new UserError({ code: 'E_MODEL_NONE', model: named ?? 'any' });
    return found;
  };

  return {
    model,
    warmUp: () => intake.warmUp(),

    async check({ userId, guildId, url, bytes, contentType = '', name, model: named }) {
      if (options.consentFloor !== 'attest') throw new UserError({ code: 'E_CONSENT_FLOOR' });
      const { cloning: terms } = model(named);
      if (bytes === 0) throw new UserError({ code: 'E_ATT_EMPTY' });
      if (bytes > MAX_UPLOAD_BYTES)
        throw new UserError({ code: 'E_ATT_BIG', maxBytes: MAX_UPLOAD_BYTES });
      if (NO_SOUND.test(contentType)) throw new UserError({ code: 'E_ATT_TYPE' });
      if (!isFromCdn(url, cdnUrl)) throw new UserError({ code: 'E_ATT_HOST' });
      const owner = await store.members.findRef(userId);
      const clone = {
        kind: 'clone',
        guildId,
        userId,
        member: owner ?? '',
        voice: '',
        terms,
      } as const;
      await money.check(clone);
      if (owner === undefined) return;
      const owned = await store.voices.list(owner);
      // One that is named like another takes its place, or is named anew and asked for again.
      const isReplacing = owned.some((voice) => foldName(voice.name) === foldName(name));
      if (owned.length >= voicesPerMember && !isReplacing)
        throw new UserError({ code: 'E_VOICES_FULL', max: voicesPerMember });
    },

    async hasConsented(userId) {
      return (await latestConsent(userId)) !== undefined;
    },

    async clone(request, { signal, onStage }) {
      if (underway.has(request.userId)) throw new UserError({ code: 'E_CLONE_BUSY' });
      underway.add(request.userId);
      try {
        await limits.checkRecordings(request.userId);
        return await clone(request, signal, onStage);
      } catch (error) {
        if (isRefusedRecording(error)) await limits.countRefused(request.userId);
        throw error;
      } finally {
        underway.delete(request.userId);
      }
    },
  };

  async function clone(
    request: CloneRequest,
    signal: AbortSignal,
    onStage: (stage: CloneStage) => Promise<void>,
  ): Promise<Cloned> {
    const consent = await latestConsent(request.userId);
    if (!consent) throw new UserError({ code: 'E_CONSENT_NEEDED' });
    const { id, cloning } = model(request.model);
    await onStage('fetching');
    const bytes = await fetchAttachment(request.url, { cdnUrl, signal });
    await onStage('listening');
    const { minSeconds } = cloning;
    const { wav, measured } = await intake.read(bytes, { minSeconds, signal });
    await onStage('cloning');
    const { owner } = consent;
    const { userId, guildId } = request;
    const voiceId = randomUUID();
    const handle = await uploads.upload(
      { model: id, wav },
      { kind: 'clone', guildId, userId, member: owner, voice: voiceId, terms: cloning },
      { signal },
    );
    const voice = await store.voices.create({
      id: voiceId,
      owner,
      consent: consent.id,
      name: request.name,
      model: id,
      language: request.language,
      retention: cloning.retention,
      handle,
      sample: consent.keepsSample ? wav : undefined,
      sampleSeconds: measured.seconds,
      replaces: request.replaces,
    });
    log.info(
      { voice: voice.id, model: id, seconds: measured.seconds, keeps: voice.hasSample },
      'cloned a voice',
    );
    return { voice, measured };
  }

  /** The agreement to the text as it stands now. */
  async function latestConsent(userId: Snowflake) {
    const member = await store.members.findRef(userId);
    if (member === undefined) return undefined;
    const consent = await store.consents.latest(member);
    const isCurrent = consent?.version === CONSENT_VERSION && consent.textSha256 === CONSENT_SHA256;
    return isCurrent ? { ...consent, owner: member } : undefined;
  }
}
