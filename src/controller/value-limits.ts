import type { KeptValue } from '../desired/core-secret.ts';

/** Why there is no value for a key; the message names the key and never has a value in it. */
export interface ValueProblem {
  readonly reason: string;
  readonly message: string;
  /** Whether it may pass without an edit of the Secret. */
  readonly waits: boolean;
}

/** Linux takes no longer string as a part of an environment: https://man7.org/linux/man-pages/man2/execve.2.html */
const longestVariable = 131_072 - '=\0'.length;

/** What a core Secret takes: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
export const mostBytes = 1_048_576;

/** A container with such a variable would never start. */
export function unfit(key: string, bytes: Buffer): ValueProblem | undefined {
  const file = 'put it into a core Secret and into a file by `files[].secretKeyRef` of the App';
  if (key.length + bytes.length > longestVariable) {
    return {
      reason: 'TooLarge',
      message: `${key} has ${bytes.length} bytes, and a variable may have 128 KiB: ${file}`,
      waits: false,
    };
  }
  const isText = !bytes.includes(0) && bytes.equals(Buffer.from(bytes.toString()));
  return isText
    ? undefined
    : { reason: 'NotText', message: `${key} is not text, which a variable must be: ${file}`, waits: false };
}

/** All values of a core Secret together. */
export function tooMuch(values: readonly KeptValue[]): ValueProblem[] {
  const sizes = values.map(({ name, value }) => ({ name, bytes: Buffer.byteLength(value, 'base64') }));
  const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes <= mostBytes) return [];
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  const message = `its values have ${bytes} bytes together, and a core Secret may have 1 MiB; the largest is ${largest?.name}: put it into a core Secret of its own and into a file by \`files[].secretKeyRef\` of the App`;
  return [{ reason: 'TooLarge', message, waits: false }];
}
