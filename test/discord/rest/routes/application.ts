import type { APIApplicationCommand } from 'discord.js';
import { z } from 'zod';
import { applicationJson, userJson } from '../../wire/user.ts';
import type { World } from '../../world/world.ts';
import { readForm } from '../form.ts';
import { commandRules } from '../rules/commands.ts';
import type { Route } from './routes.ts';

/** The bot itself: who it is, where its gateway is, which commands it has. */
export function applicationRoutes(gatewayUrl: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/users/@me',
      run: ({ world }) => ({ status: 200, body: userJson(world.bot) }),
    },
    {
      method: 'GET',
      path: '/gateway/bot',
      run: () => ({
        status: 200,
        body: {
          url: gatewayUrl,
          shards: 1,
          session_start_limit: {
            total: 1000,
            remaining: 999,
            reset_after: 86_400_000,
            max_concurrency: 1,
          },
        },
      }),
    },
    ...['/applications/@me', '/oauth2/applications/@me'].map(
      (path): Route => ({
        method: 'GET',
        path,
        run: ({ world }) => ({
          status: 200,
          body: applicationJson(world.application, world.bot, world.guilds.size),
        }),
      }),
    ),
    {
      method: 'GET',
      path: '/applications/:app/commands',
      run: ({ world }) => ({ status: 200, body: world.commands.get('global') ?? [] }),
    },
    {
      method: 'PUT',
      path: '/applications/:app/commands',
      run: ({ world, request }) => replaceCommands(world, 'global', request.body),
    },
    {
      method: 'GET',
      path: '/applications/:app/guilds/:guild/commands',
      run: ({ world, params }) => ({
        status: 200,
        body: world.commands.get(params['guild'] ?? '') ?? [],
      }),
    },
    {
      method: 'PUT',
      path: '/applications/:app/guilds/:guild/commands',
      run: ({ world, request, params }) =>
        replaceCommands(world, params['guild'] ?? '', request.body),
    },
  ];
}

function replaceCommands(world: World, scope: string, body: unknown) {
  const list = readForm(z.array(z.unknown()).max(100), body);
  const commands = list.map((one) => {
    const form = readForm(commandRules(one), one) as Partial<APIApplicationCommand>;
    return {
      ...form,
      id: world.nextId(),
      application_id: world.application.id,
      version: world.nextId(),
      default_member_permissions: form.default_member_permissions ?? null,
      type: form.type ?? 1,
      nsfw: false,
      ...(scope === 'global' ? {} : { guild_id: scope }),
    } as APIApplicationCommand;
  });
  world.commands.set(scope, commands);
  world.watch.changed();
  return { status: 200, body: commands };
}
