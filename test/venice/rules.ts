/** What Venice's pages say of calls beyond its document, each checked where it says so. */
export const VENICE_RULES = {
  'venice key': 'every call has one of the keys, as Authorization: Bearer',
  'venice model': 'every call of the audio API names its model, and one that there is',
  'venice input': 'a text has 1 to 4096 characters, and not only white space',
  'venice format': 'response_format is one that the model makes',
  'venice parameter':
    'speed, temperature and language go to a model on which they act, in its form',
  'venice voice': 'a voice is one of the model, its handle made for it',
  'venice sample': 'a sample is in a container that the model takes; its name and type say which',
  'venice rate': 'no call of a model after a 429 before the time that it told',
  'venice retired': 'no call of a model after its date',
  'venice failures': 'at most 12 client errors of a model, or of uploads, within 30 s',
} as const;

export type VeniceRule = keyof typeof VENICE_RULES;
