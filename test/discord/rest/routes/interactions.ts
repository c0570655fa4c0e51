import type { APIMessage } from 'discord.js';
import { z } from 'zod';
import { addMessage, deleteMessage, editMessage, FLAGS, isLoading } from '../../world/messages.ts';
import type { Message, OpenInteraction, World } from '../../world/world.ts';
import { refuse } from '../api-error.ts';
import { ACK_TIMEOUT_MS, TOKEN_LIFE_MS } from '../call-rules.ts';
import { composeMessage } from '../compose.ts';
import { readForm } from '../form.ts';
import type { ApiRequest } from '../request.ts';
import { MODAL } from '../rules/modal.ts';
import type { Route } from './routes.ts';

const CALLBACK = z.object({ type: z.literal([1, 4, 5, 6, 7, 8, 9]), data: z.unknown().optional() });
const CHOICES = z.object({
  choices: z
    .array(
      z.object({
        name: z.string().min(1).max(100),
        value: z.union([z.string().max(100), z.number()]),
      }),
    )
    .max(25),
});

/** How the bot answers interactions: one callback in time, then edits and further messages. */
export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/interactions/:id/:token/callback',
    isOpen: true,
    run: ({ world, request, params }) => {
      const interaction = world.interactions.get(params['token'] ?? '');
      if (!interaction || interaction.id !== params['id']) throw refuse('unknownInteraction');
      const afterMs = performance.now() - interaction.sentMs;
      const form = readForm(CALLBACK, request.body);
      try {
        if (afterMs > ACK_TIMEOUT_MS) throw refuse('unknownInteraction');
        if (interaction.callbacks.some(({ status }) => status < 300))
          throw refuse('alreadyAcknowledged');
        acknowledge(world, interaction, form.type, request);
      } catch (error) {
        note(interaction, form, afterMs, (error as { status?: number }).status ?? 500);
        world.watch.changed();
        throw error;
      }
      note(interaction, form, afterMs, 204);
      world.watch.changed();
      if (request.query.get('with_response') !== 'true') return { status: 204 };
      return {
        status: 200,
        body: {
          interaction: { id: interaction.id, type: interaction.type },
          resource: { type: form.type, message: interaction.original?.json },
        },
      };
    },
  },
  {
    method: 'POST',
    path: '/webhooks/:app/:token',
    isOpen: true,
    run: ({ world, request, params }) => {
      const interaction = openOne(world, params['token']);
      const fields = composeMessage(world, request, {
        way: 'interaction',
        channel: interaction.channel,
      });
      // The first further message of an answer that is only loading takes its place.
      if (interaction.original && isLoading(interaction.original)) {
        editMessage(world, interaction.original, fields);
        return { status: 200, body: interaction.original.json };
      }
      const message = say(world, interaction, fields);
      interaction.followUps.push(message);
      world.watch.changed();
      return { status: 200, body: message.json };
    },
  },
  {
    method: 'GET',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    run: ({ world, params }) => ({ status: 200, body: ownMessage(world, params).json }),
  },
  {
    method: 'PATCH',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    run: ({ world, request, params }) => {
      const message = ownMessage(world, params);
      const { channel } = openOne(world, params['token']);
      editMessage(
        world,
        message,
        composeMessage(world, request, { way: 'edit', channel, existing: message.json }),
      );
      return { status: 200, body: message.json };
    },
  },
  {
    method: 'DELETE',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    run: ({ world, params }) => {
      deleteMessage(world, ownMessage(world, params));
      return { status: 204 };
    },
  },
];

function acknowledge(
  world: World,
  interaction: OpenInteraction,
  type: number,
  request: ApiRequest,
): void {
  const { data } = (request.body ?? {}) as { data?: unknown };
  const sent = { body: data, files: request.files };
  const { channel, source } = interaction;
  switch (type) {
    case 4:
      interaction.original = say(
        world,
        interaction,
        composeMessage(world, sent, { way: 'interaction', channel }),
      );
      return;
    case 5: {
      const flags =
        FLAGS.loading | (((data as { flags?: number } | undefined)?.flags ?? 0) & FLAGS.ephemeral);
      interaction.original = say(world, interaction, { flags });
      return;
    }
    case 6:
      if (!source) throw refuse('invalidForm');
      interaction.original = source;
      return;
    case 7:
      if (!source) throw refuse('invalidForm');
      editMessage(
        world,
        source,
        composeMessage(world, sent, { way: 'edit', channel, existing: source.json }),
      );
      interaction.original = source;
      return;
    case 8:
      if (interaction.type !== 4) throw refuse('invalidForm');
      readForm(CHOICES, data);
      return;
    case 9:
      readForm(MODAL, data);
      return;
    default:
      throw refuse('invalidForm');
  }
}

function say(world: World, interaction: OpenInteraction, fields: Partial<APIMessage>): Message {
  const isEphemeral = ((fields.flags ?? 0) & FLAGS.ephemeral) !== 0;
  return addMessage(world, {
    channel: interaction.channel,
    author: world.bot,
    fields,
    ephemeralTo: isEphemeral ? interaction.user.id : undefined,
  });
}

function note(
  interaction: OpenInteraction,
  form: { type: number; data?: unknown },
  afterMs: number,
  status: number,
): void {
  const data = (form.data ?? {}) as Record<string, unknown>;
  interaction.callbacks.push({ type: form.type, data, status, afterMs });
}

function openOne(world: World, token = ''): OpenInteraction {
  const interaction = world.interactions.get(token);
  if (!interaction) throw refuse('unknownWebhook');
  if (world.clock() - interaction.at > TOKEN_LIFE_MS) throw refuse('tokenExpired');
  return interaction;
}

function ownMessage(world: World, params: Readonly<Record<string, string>>): Message {
  const { original, followUps } = openOne(world, params['token']);
  const id = params['message'];
  const message =
    id === '@original' ? original : [original, ...followUps].find((one) => one?.id === id);
  if (!message || message.isDeleted) throw refuse('unknownMessage');
  return message;
}
