import type { APIMessage } from 'discord.js';
import type { World } from '../world/world.ts';

/** A button as a member sees it. */
export interface SeenButton {
  readonly label: string;
  readonly customId: string;
  readonly isDisabled: boolean;
  readonly style: number;
}

/** A message as a member sees it. */
export interface SeenMessage {
  readonly id: string;
  readonly content: string;
  /** All there is to read: text, embeds, labels of buttons. */
  readonly text: string;
  readonly buttons: readonly SeenButton[];
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string | undefined;
    readonly seconds: number | undefined;
    readonly waveform: string | undefined;
    readonly bytes: Uint8Array;
  }[];
  readonly flags: number;
  readonly isVoiceMessage: boolean;
  readonly json: APIMessage;
}

interface Node {
  readonly type: number;
  readonly label?: string;
  readonly custom_id?: string;
  readonly disabled?: boolean;
  readonly style?: number;
  readonly content?: string;
  readonly components?: readonly Node[];
}

export function seeMessage(world: World, json: APIMessage): SeenMessage {
  const nodes = ((json.components ?? []) as unknown as readonly Node[]).flatMap(flatten);
  const buttons = nodes
    .filter(({ type }) => type === 2)
    .map((node) => ({
      label: node.label ?? '',
      customId: node.custom_id ?? '',
      isDisabled: node.disabled ?? false,
      style: node.style ?? 0,
    }));
  const embeds = (json.embeds ?? []).flatMap(({ title, description, fields, footer }) => [
    title,
    description,
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
    footer?.text,
  ]);
  const texts = [
    json.content,
    ...embeds,
    ...nodes.map(({ content }) => content),
    ...buttons.map(({ label }) => label),
  ];
  return {
    id: json.id,
    content: json.content,
    text: texts.filter((text) => text).join('\n'),
    buttons,
    attachments: json.attachments.map((attachment) => ({
      filename: attachment.filename,
      contentType: attachment.content_type,
      seconds: attachment.duration_secs,
      waveform: attachment.waveform,
      bytes: world.cdn.get(attachment.url),
    })),
    flags: json.flags ?? 0,
    isVoiceMessage: ((json.flags ?? 0) & (1 << 13)) !== 0,
    json,
  };
}

function flatten(node: Node): readonly Node[] {
  return [node, ...(node.components ?? []).flatMap(flatten)];
}
