/** A provider's answer that is no sound, or none of the kind it says. */
export class NotAudioError extends Error {
  override readonly name = 'NotAudioError';

  constructor(what: string, options?: ErrorOptions) {
    super(`Not speech: ${what}`, options);
  }
}

/** Sound in which nothing can be heard. */
export class SilenceError extends NotAudioError {
  constructor() {
    super('silence');
  }
}
