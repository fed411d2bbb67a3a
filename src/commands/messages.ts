import { asCalled } from './program-name.ts';

/** Lines on standard error, as commander writes its own. */
export function note(message: string): void {
  process.stderr.write(`note: ${asCalled(message)}\n`);
}

/** For what the user should know before it is too late. */
export function warn(message: string): void {
  process.stderr.write(`warning: ${asCalled(message)}\n`);
}

/** Returns the exit code for what is no answer. */
export function failed(message: string): 2 {
  process.stderr.write(`error: ${asCalled(message)}\n`);
  return 2;
}
