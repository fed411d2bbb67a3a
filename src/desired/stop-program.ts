import { type Architecture, elfExecutable } from './elf.ts';
import { stopAmd64 } from './stop-amd64.ts';
import { stopArm64 } from './stop-arm64.ts';

const code: Readonly<Record<Architecture, () => Uint8Array>> = { amd64: stopAmd64, arm64: stopArm64 };

/**
 * A Linux executable of a few hundred bytes that stops its container. It needs nothing else in the image.
 *
 *     stop <signal> <seconds>
 *
 * It waits the seconds, sends the signal to process 1 and stays until that process has ended. Both arguments are decimal
 * numbers below 2^20. Ends with 0 when process 1 has ended, though as a rule the end of process 1 takes it along, and
 * with 1 when an argument is missing, too many or no such number, or when process 1 may not be sent the signal.
 */
export function stopProgram(architecture: Architecture): Uint8Array {
  return elfExecutable(architecture, code[architecture]());
}
