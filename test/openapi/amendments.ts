import type { Document, Schema } from './document.ts';
import type { ServiceName } from './operations.ts';

interface Amendment {
  /** A schema of the document, and one of its fields. */
  readonly of: readonly [schema: string, field: string];
  readonly to: Schema;
  /** What the service itself says elsewhere, or does. */
  readonly because: string;
}

const SNOWFLAKE_OR_PLACE: Schema = {
  type: ['string', 'integer'],
  pattern: '^(0|[1-9][0-9]*)$',
  minimum: 0,
  maximum: 9,
};

/** `false` only: anything else would be meant. */
const LEFT_ASIDE: Schema = { const: false };
const BY_THE_LIBRARY = 'discord.js sends it with every message, and Discord leaves it aside';

/** Where a service's document is not what its pages say. */
const AMENDMENTS: Readonly<Partial<Record<ServiceName, readonly Amendment[]>>> = {
  discord: [
    {
      of: ['ApplicationCommandUpdateRequest', 'default_member_permissions'],
      to: { type: ['string', 'null'], pattern: '^\\d+$' },
      because: 'Permissions: "serialised as strings"; Application Commands: a "string"',
    },
    {
      of: ['ApplicationCommandUpdateRequest', 'nsfw'],
      to: { type: ['boolean', 'null'] },
      because: 'Application Commands, Bulk Overwrite: a field of a command',
    },
    {
      of: ['MessageAttachmentRequest', 'id'],
      to: SNOWFLAKE_OR_PLACE,
      because: 'Uploading Files: the number of its part, `files[0]`, as its examples show it',
    },
    ...['IncomingWebhookUpdateRequestPartial', 'MessageEditRequestPartial'].flatMap((name) =>
      ['tts', 'enforce_nonce'].map(
        (field): Amendment => ({ of: [name, field], to: LEFT_ASIDE, because: BY_THE_LIBRARY }),
      ),
    ),
  ],
};

/** The document as it would be if it were right. @throws Error for an amendment it does not need. */
export function amended(document: Document, service: ServiceName): Document {
  const schemas: Record<string, Schema> = { ...document.components.schemas };
  for (const {
    of: [name, field],
    to,
  } of AMENDMENTS[service] ?? []) {
    const schema = schemas[name];
    if (!schema) throw new Error(`The document has no ${name}`);
    schemas[name] = { ...schema, properties: { ...schema.properties, [field]: to } };
  }
  return { ...document, components: { schemas } };
}
