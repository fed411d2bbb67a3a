import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** One thing in a tar: a file with its bytes, a folder, or a symbolic link. */
export type Entry =
  | { readonly path: string; readonly mode: number; readonly bytes: Buffer }
  | { readonly path: string; readonly mode: number; readonly folder: true }
  | { readonly path: string; readonly target: string };

/** A tar of the entries in the order of their paths, with fixed owner and times: equal entries, equal bytes. */
export function tar(entries: readonly Entry[]): Promise<Buffer> {
  const stream = pack();
  const bytes = buffer(stream);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const path of [...byPath.keys()].sort()) add(stream, byPath.get(path)!);
  stream.finalize();
  return bytes;
}

function add(stream: ReturnType<typeof pack>, entry: Entry): void {
  const header = { name: entry.path.replace(/^\//, ''), mtime: new Date(0), uid: 0, gid: 0 };
  if ('bytes' in entry) stream.entry({ ...header, mode: entry.mode }, entry.bytes);
  else if ('folder' in entry) stream.entry({ ...header, mode: entry.mode, type: 'directory' });
  else stream.entry({ ...header, mode: 0o777, type: 'symlink', linkname: entry.target });
}
