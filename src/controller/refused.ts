import { isForbidden, isInvalid, isTerminating } from '../kube/errors.ts';

/** A quota, an admission policy or the API server itself does not take a child. */
export const isRefused = (error: unknown) => isInvalid(error) || (isForbidden(error) && !isTerminating(error));
