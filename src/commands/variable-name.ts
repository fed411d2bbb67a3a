import { reservedEnv } from '../api/app-rules.ts';

/**
 * Why a Secret cannot have a variable of this name, or undefined. The API server would say so too, but only once the value
 * is sealed. The name is not repeated: it may be the value, given in the wrong place.
 */
export function nameProblem(name: string): string | undefined {
  if (name.length > 253 || !/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
    return 'the name of a variable has letters, digits, `_`, `-` and `.`, and does not begin with a digit';
  }
  const isReserved = (reservedEnv as readonly string[]).includes(name);
  return isReserved ? `${name} is set by Airfield itself: choose another name` : undefined;
}
