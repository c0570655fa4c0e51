/** A refusal as Discord words it: `{ message, code, errors? }` under an HTTP status. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  readonly errors: object | undefined;

  constructor(status: number, code: number, message: string, errors?: object) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  get body() {
    const { message, code, errors } = this;
    return errors === undefined ? { message, code } : { message, code, errors };
  }
}

/** The refusals this stand-in knows, named after their messages. */
export const REFUSALS = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  unknownApplication: [404, 10_002, 'Unknown Application'],
  unknownChannel: [404, 10_003, 'Unknown Channel'],
  unknownGuild: [404, 10_004, 'Unknown Guild'],
  unknownMember: [404, 10_007, 'Unknown Member'],
  unknownMessage: [404, 10_008, 'Unknown Message'],
  unknownUser: [404, 10_013, 'Unknown User'],
  unknownWebhook: [404, 10_015, 'Unknown Webhook'],
  unknownBan: [404, 10_026, 'Unknown Ban'],
  unknownInteraction: [404, 10_062, 'Unknown interaction'],
  unknownCommand: [404, 10_063, 'Unknown application command'],
  unknownVoiceState: [404, 10_065, 'Unknown Voice State'],
  tooLarge: [413, 40_005, 'Request entity too large'],
  badUserAgent: [403, 40_333, 'internal network error'],
  alreadyAcknowledged: [400, 40_060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50_001, 'Missing Access'],
  notYourMessage: [403, 50_005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50_006, 'Cannot send an empty message'],
  cannotMessageUser: [403, 50_007, 'Cannot send messages to this user'],
  notText: [400, 50_008, 'Cannot send messages in a non-text channel'],
  missingPermissions: [403, 50_013, 'Missing Permissions'],
  wrongChannelType: [400, 50_024, 'Cannot execute action on this channel type'],
  tokenExpired: [401, 50_027, 'Invalid Webhook Token'],
  invalidForm: [400, 50_035, 'Invalid Form Body'],
  invalidJson: [400, 50_109, 'The request body contains invalid JSON.'],
  voiceHasMore: [400, 50_159, 'Voice messages do not support additional content.'],
  voiceNeedsOneFile: [400, 50_160, 'Voice messages must have a single audio attachment.'],
  voiceNeedsMetadata: [400, 50_161, 'Voice messages must have supporting metadata.'],
  voiceIsFinal: [400, 50_162, 'Voice messages cannot be edited.'],
  voiceNotHere: [403, 50_173, 'You cannot send voice messages in this channel.'],
} as const satisfies Record<string, readonly [number, number, string]>;

/** Makes the error to throw. */
export function refuse(why: keyof typeof REFUSALS, errors?: object): ApiError {
  const [status, code, message] = REFUSALS[why];
  return new ApiError(status, code, message, errors);
}
