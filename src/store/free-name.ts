import { UserError } from '../domain/errors.ts';
import { codeOf } from './store-error.ts';

/**
 * Writes a voice's name. The only thing unique in a voice, beside its random id, is its folded name
 * among its owner's. @throws UserError E_NAME_TAKEN.
 */
export async function withFreeName(name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw new UserError({ code: 'E_NAME_TAKEN', name, by: 'own' });
  }
}
