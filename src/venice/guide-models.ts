import { fromUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import { PROVIDER_FORMATS, type SpeechModel } from './models.ts';

/** What the provider's guide promises, for as long as its catalogue could not be read. */
export const GUIDE_MODELS: readonly SpeechModel[] = [
  {
    id: 'tts-chatterbox-hd',
    name: 'Chatterbox HD (Resemble AI)',
    voices: [],
    // The guide names six formats, a key meets this one today: it alone works with both.
    formats: ['wav'],
    defaultFormat: 'wav',
    microUsdPerMillion: fromUsd(50),
    supportsTemperature: true,
    cloning: {
      containers: ['mp3', 'wav', 'flac', 'mp4'],
      minSeconds: 5,
      retention: 'from-upload',
      retentionMs: 7 * DAY_MS,
      microUsd: undefined,
    },
  },
  {
    id: 'tts-kokoro',
    name: 'Kokoro Text to Speech',
    voices: (
      'af_alloy af_aoede af_bella af_heart af_jadzia af_jessica af_kore af_nicole af_nova ' +
      'af_river af_sarah af_sky am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx ' +
      'am_puck am_santa bf_alice bf_emma bf_lily bm_daniel bm_fable bm_george bm_lewis ' +
      'ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola ' +
      'jf_alpha jf_gongitsune jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex pm_santa ' +
      'zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang'
    ).split(' '),
    formats: PROVIDER_FORMATS,
    defaultFormat: 'mp3',
    microUsdPerMillion: fromUsd(3.5),
    supportsTemperature: false,
    cloning: undefined,
  },
];
