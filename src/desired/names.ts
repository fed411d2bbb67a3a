import { createHash } from 'node:crypto';

const longest = 63;

/**
 * A name for a child of `app`, at most 63 characters, that no other list of parts yields: `hello-worker`. Where the
 * plain join would not tell the parts apart (App `a` with group `b-c`, App `a-b` with group `c`) or would be too long,
 * a hash of the parts is added. It does not change as long as the parts do not.
 */
export function childName(app: string, ...parts: string[]): string {
  const plain = [app, ...parts].join('-');
  const plainIsClear = parts.length <= 1 && parts.every((part) => !part.includes('-'));
  if (plainIsClear && plain.length <= longest) return plain;
  const hash = createHash('sha256')
    .update(JSON.stringify([app, ...parts]))
    .digest('hex')
    .slice(0, 8);
  return `${plain.slice(0, longest - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
