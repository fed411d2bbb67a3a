import type { RemarkName } from './codes.ts';

/** What becomes of a key of fly.toml. */
export type Verdict =
  | { readonly verdict: 'converted'; readonly to: string }
  /** `how`: in what the field of the App differs. */
  | { readonly verdict: 'converted approximately'; readonly to: string; readonly how: string }
  | { readonly verdict: 'not needed'; readonly why: string }
  | { readonly verdict: 'not supported'; readonly instead: string };

/** A value of a key, as a program has it. */
export type Example =
  | string
  | number
  | boolean
  | readonly Example[]
  | { readonly [key: string]: string | number | boolean };

export type Key = Verdict & {
  /** Values that say something which does not go without saying; the first is the one to show. */
  readonly examples: readonly [Example, ...Example[]];
  readonly isRequired?: true;
};

type Examples = Key['examples'];

/** `to` is where it goes: `spec.services[].internalPort`. */
export const converted = (to: string, ...examples: Examples): Key => ({ verdict: 'converted', to, examples });

export const required = (to: string, ...examples: Examples): Key => ({
  ...converted(to, ...examples),
  isRequired: true,
});

export const approximately = (to: string, how: string, ...examples: Examples): Key => {
  return { verdict: 'converted approximately', to, how, examples };
};

export const notNeeded = (why: string, ...examples: Examples): Key => ({ verdict: 'not needed', why, examples });

export const notSupported = (instead: string, ...examples: Examples): Key => {
  return { verdict: 'not supported', instead, examples };
};

export interface Remark {
  readonly name: RemarkName;
  readonly message: string;
}

/** What is said of a key that an App has nothing for. */
export function remarkOf(key: Verdict): Remark | undefined {
  if (key.verdict === 'not needed') return { name: 'notNeeded', message: `is not needed: ${key.why}` };
  if (key.verdict === 'not supported') return { name: 'notSupported', message: `is not converted: ${key.instead}` };
  return undefined;
}
