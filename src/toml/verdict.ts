import type { RemarkName } from './codes.ts';

/** What becomes of a key of fly.toml. */
export type Verdict =
  | ({ readonly verdict: 'converted' } & Target)
  | ({ readonly verdict: 'converted approximately' } & Approximation & Target)
  | { readonly verdict: 'not needed'; readonly why: string }
  | { readonly verdict: 'not supported'; readonly instead: string };

interface Approximation {
  /** In what the field of the App differs. */
  readonly how: string;
  /** Whether it differs for a value; absent: for any, or a section says more of it than `how`. */
  readonly differs?: (value: unknown) => boolean;
}

interface Target {
  /** The field of the App that it becomes: `spec.services[].internalPort`. */
  readonly to: string;
  /** The one that it becomes where the rest of the file asks for another. */
  readonly or?: string;
}

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

export const converted = (to: string, ...examples: Examples): Key => ({ verdict: 'converted', to, examples });

/** A field, or the one that takes its place where the rest of the file asks for it. */
export const either = (to: string, or: string, ...examples: Examples): Key => {
  return { verdict: 'converted', to, or, examples };
};

export const required = (to: string, ...examples: Examples): Key => ({
  ...converted(to, ...examples),
  isRequired: true,
});

export const approximately = (to: string, approximation: Approximation, ...examples: Examples): Key => {
  return { verdict: 'converted approximately', to, ...approximation, examples };
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
