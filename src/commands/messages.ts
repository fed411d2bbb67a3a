/** Lines on standard error, as commander writes its own. */
export function note(message: string): void {
  process.stderr.write(`note: ${message}\n`);
}

/** Returns the exit code for what is no answer. */
export function failed(message: string): 2 {
  process.stderr.write(`error: ${message}\n`);
  return 2;
}
