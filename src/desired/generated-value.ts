import type { SecretValue } from '../api/secret.ts';

type Generate = NonNullable<SecretValue['generate']>;

/** Gives this many random bytes, fit for a secret. */
export type Random = (bytes: number) => Uint8Array;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const characters: Record<Generate['alphabet'], string> = {
  alphanumeric: `${letters}0123456789`,
  hex: '0123456789abcdef',
  base64url: `${letters}0123456789-_`,
};

/** Each character is as likely as any other: bytes that would make the first ones likelier are thrown away. */
export function generatedValue({ length, alphabet }: Generate, random: Random): string {
  const from = characters[alphabet];
  const fair = 256 - (256 % from.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < fair) text += from[byte % from.length];
    }
  }
  return text;
}
