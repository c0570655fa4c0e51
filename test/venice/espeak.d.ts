declare module '@echogarden/espeak-ng-emscripten' {
  interface Speaker {
    set_voice(name: string): void;
    set_rate(wordsPerMinute: number): void;
    set_pitch(pitch: number): void;
    get_samplerate(): number;
    synthesize(text: string, listen: (samples: Int16Array | undefined) => boolean): void;
  }
  const load: () => Promise<{ eSpeakNGWorker: new () => Speaker }>;
  export default load;
}
