/**
 * A failure that trying again cannot mend: it is shown in the conditions, and not retried until the object changes.
 * `reason` is one CamelCase word, `message` a sentence that says what to do.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}
