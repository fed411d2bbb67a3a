/**
 * A box that cannot be opened here. `NotABox`: it is none, or it was changed. `NoKey`: none of the keys opens it.
 * `OtherPlace`: it was sealed for another namespace, Secret or key. The message says what to do and never has the value in
 * it; there is no `cause`, for that may quote what was sealed.
 */
export class SealingError extends Error {
  override readonly name = 'SealingError';
  readonly reason: 'NotABox' | 'NoKey' | 'OtherPlace';

  constructor(reason: SealingError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
