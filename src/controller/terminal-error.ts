/**
 * A failure that trying again cannot mend: it is shown in the conditions, and not retried until the object changes.
 * `reason` is one CamelCase word, `message` a sentence that says what to do. Where something that is not watched may end
 * it, `recheckMs` says after how many milliseconds to look again.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly reason: string;
  readonly recheckMs: number | undefined;

  constructor(reason: string, message: string, recheckMs?: number) {
    super(message);
    this.reason = reason;
    this.recheckMs = recheckMs;
  }
}
