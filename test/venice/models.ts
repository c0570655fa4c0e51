export type Face = 'live' | 'guide';

export interface StandInModel {
  readonly id: string;
  readonly name: string;
  readonly usd: number;
  readonly voices: readonly string[];
  readonly formats: readonly string[];
  /** What acts on it; what does not is refused here, where the provider only ignores it. */
  readonly acts: {
    readonly speed?: readonly [least: number, most: number];
    readonly temperature?: true;
    readonly language?: 'name' | 'code';
  };
  readonly cloning?: {
    readonly mode: 'zero_shot' | 'persistent';
    readonly accepted_formats: readonly string[];
    readonly min_sample_seconds: number;
    readonly retention_days: number;
  };
}

const ALL_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'];

export interface Offer {
  readonly minimax?: boolean;
  /** What a model offers instead of its own formats, by its id. */
  readonly formats?: Readonly<Record<string, readonly string[]>>;
}

/** What the provider lists: `live` as a key meets it today, `guide` as its founding guide says. */
export function modelsOf(
  face: Face,
  { minimax = false, formats = {} }: Offer,
): readonly StandInModel[] {
  const models: StandInModel[] = [
    {
      id: 'tts-chatterbox-hd',
      name: 'Chatterbox HD (Resemble AI)',
      usd: 50,
      voices: ['Aurora', 'Blade', 'Britney', 'Carl'],
      formats: face === 'live' ? ['wav'] : ALL_FORMATS,
      acts: { temperature: true },
      cloning: {
        mode: 'zero_shot',
        accepted_formats: ['mp3', 'wav', 'flac', 'mp4'],
        min_sample_seconds: 5,
        retention_days: 7,
      },
    },
    {
      id: 'tts-kokoro',
      name: 'Kokoro Text to Speech',
      usd: 3.5,
      voices: ['af_heart', 'af_sky', 'am_adam', 'am_santa', 'bf_emma', 'bm_george', 'pm_santa'],
      formats: ALL_FORMATS,
      acts: { speed: [0.25, 4] },
    },
    {
      id: 'tts-elevenlabs-turbo-v2-5',
      name: 'ElevenLabs Turbo v2.5',
      usd: 62.5,
      voices: ['Alice', 'Aria', 'Rachel'],
      formats: ['mp3'],
      acts: { speed: [0.7, 1.2], language: 'code' },
    },
  ];
  if (minimax)
    models.push({
      id: 'tts-minimax-speech-02-hd',
      name: 'MiniMax Speech-02 HD',
      usd: 125,
      voices: ['CalmWoman', 'WiseWoman'],
      formats: ['mp3', 'pcm', 'flac'],
      acts: { speed: [0.5, 2], language: 'name' },
      cloning: {
        mode: 'persistent',
        accepted_formats: ['mp3', 'wav'],
        min_sample_seconds: 10,
        retention_days: 7,
      },
    });
  return models.map((model) => ({ ...model, formats: formats[model.id] ?? model.formats }));
}

/** When models are retired, by their id: they stay listed until the bot has read that. */
export type RetiredModels = ReadonlyMap<string, number>;

/** The answer of `GET /models?type=tts`. */
export function listModels(
  models: readonly StandInModel[],
  retired: RetiredModels = new Map(),
): unknown {
  return {
    object: 'list',
    type: 'tts',
    data: models.map(({ id, name, usd, voices, formats, cloning }) => ({
      id,
      created: 1_776_384_000,
      object: 'model',
      owned_by: 'venice.ai',
      type: 'tts',
      model_spec: {
        name,
        privacy: 'private',
        traits: [],
        pricing: { input: { usd, diem: usd } },
        voices,
        supported_formats: formats,
        default_format: formats.includes('mp3') ? 'mp3' : formats[0],
        ...(cloning && { voice_cloning: cloning }),
        ...deprecationOf(retired.get(id)),
      },
    })),
  };
}

function deprecationOf(at: number | undefined): object {
  if (at === undefined) return {};
  const removesAt = new Date(at).toISOString();
  return { deprecation: { autoRemap: true, date: removesAt, removesAt } };
}
