import type { MemberRef } from './ids.ts';

/** How long the provider keeps a handle: a fixed time from the upload, or from the last use. */
export type Retention = 'from-upload' | 'from-use';

/** The provider's copy of a voice: `id` is `vv_…`, good for one model until `expiresAt`. */
export interface Handle {
  readonly id: string;
  readonly expiresAt: number;
}

/** What a member owns: a name, its sample, its consent, and for a while a handle. */
export interface Voice {
  readonly id: string;
  readonly owner: MemberRef;
  readonly name: string;
  readonly model: string;
  /** BCP 47, as the provider takes it; undefined lets the model decide. */
  readonly language: string | undefined;
  readonly retention: Retention;
  /** When the handle lapses by our clock; undefined once it is known to be dead. */
  readonly expiresAt: number | undefined;
  readonly hasSample: boolean;
  /** The version of the agreement it was made under. */
  readonly consentVersion: string;
  readonly isDefault: boolean;
  readonly sampleSeconds: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

/** That the provider takes a model away. */
export interface Retirement {
  /** From then on it is not called: the provider may answer by another model. */
  readonly at: number;
  /** The model the provider names in its place. */
  readonly successor: string | undefined;
}

/** A voice the provider ships; belongs to nobody. */
export interface StockVoice {
  readonly model: string;
  /** The provider's name, as `af_sky`. */
  readonly id: string;
  /** The name people see, as `Sky (American, female)`. */
  readonly name: string;
}

/** Whose voice a line asks for. */
export type SpokenVoice =
  | { readonly kind: 'own'; readonly voice: Voice }
  | { readonly kind: 'stock'; readonly stock: StockVoice };
