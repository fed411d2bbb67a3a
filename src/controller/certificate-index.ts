import { copiedFrom, type StoredCopy } from '../desired/certificates.ts';

/** Copies of certificates of all Apps are in one namespace; those of Apps that are not watched are somebody else's. */
export const appOfCopy = (watched: string | undefined) => (copy: StoredCopy) => {
  const { app } = copiedFrom(copy) ?? {};
  return app && (watched === undefined || app.startsWith(`${watched}/`)) ? [app] : [];
};

/** Key of the Secret that a copy was made of. */
export function sourceOfCopy(copy: StoredCopy): string[] {
  const from = copiedFrom(copy);
  return from ? [`${from.app.split('/')[0]}/${from.secret}`] : [];
}
