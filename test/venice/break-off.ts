import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';

/** Ends a body where the fault breaks it off. @returns false where it does not, in this stretch. */
export async function breakOff(
  fault: Fault | undefined,
  response: ServerResponse,
  { bytes, from, to }: { bytes: Uint8Array; from: number; to: number },
): Promise<boolean> {
  if (!fault || !('afterBytes' in fault) || to <= fault.afterBytes) return false;
  response.write(bytes.subarray(from, fault.afterBytes));
  if (fault.kind === 'cut') setImmediate(() => response.destroy());
  if (fault.kind === 'end') response.end();
  if (fault.kind !== 'drip') return true;
  for (let at = fault.afterBytes; at < bytes.byteLength && !response.destroyed; at += 1) {
    await sleep(fault.everyMs);
    response.write(bytes.subarray(at, at + 1));
  }
  response.end();
  return true;
}
