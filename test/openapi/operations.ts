/** A service whose calls are checked against its own OpenAPI document. */
export interface Service {
  /** Of the whole document, for whoever cuts it anew. */
  readonly source: string;
  readonly licence: string;
  /** The calls that the bot makes, as the document spells them. */
  readonly operations: readonly (readonly [method: string, path: string])[];
}

export const SERVICES = {
  discord: {
    source: 'https://github.com/discord/discord-api-spec (specs/openapi.json)',
    licence: 'MIT',
    operations: [
      ['get', '/users/@me'],
      ['get', '/gateway/bot'],
      ['get', '/applications/@me'],
      ['get', '/applications/{application_id}/commands'],
      ['put', '/applications/{application_id}/commands'],
      ['get', '/applications/{application_id}/guilds/{guild_id}/commands'],
      ['put', '/applications/{application_id}/guilds/{guild_id}/commands'],
      ['post', '/users/@me/channels'],
      ['get', '/channels/{channel_id}'],
      ['get', '/channels/{channel_id}/messages'],
      ['post', '/channels/{channel_id}/messages'],
      ['get', '/channels/{channel_id}/messages/{message_id}'],
      ['patch', '/channels/{channel_id}/messages/{message_id}'],
      ['delete', '/channels/{channel_id}/messages/{message_id}'],
      ['get', '/guilds/{guild_id}'],
      ['get', '/guilds/{guild_id}/members/{user_id}'],
      ['patch', '/guilds/{guild_id}/voice-states/@me'],
      ['post', '/interactions/{interaction_id}/{interaction_token}/callback'],
      ['post', '/webhooks/{webhook_id}/{webhook_token}'],
      ['get', '/webhooks/{webhook_id}/{webhook_token}/messages/@original'],
      ['patch', '/webhooks/{webhook_id}/{webhook_token}/messages/@original'],
      ['delete', '/webhooks/{webhook_id}/{webhook_token}/messages/@original'],
      ['get', '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}'],
      ['patch', '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}'],
    ],
  },
  venice: {
    source: 'https://github.com/veniceai/api-docs (swagger.yaml)',
    licence: 'the published interface of its owner, Venice AI; only what is needed to check calls',
    operations: [
      ['get', '/models'],
      ['get', '/api_keys/rate_limits'],
      ['get', '/billing/balance'],
      ['post', '/audio/voices'],
      ['post', '/audio/speech'],
    ],
  },
} as const satisfies Record<string, Service>;

export type ServiceName = keyof typeof SERVICES;
