import { Document, Scalar } from 'yaml';
import { apiVersion } from '../api/meta.ts';

/** Sealed values by the name of the variable. */
export type Boxes = ReadonlyMap<string, string>;

export interface NewSecret {
  readonly name: string;
  readonly namespace: string;
  /** Empty: the App that is called as the Secret. */
  readonly apps: readonly string[];
}

/** A whole Secret for `kubectl apply`. */
export function secretManifest({ name, namespace, apps }: NewSecret, boxes: Boxes) {
  const data = Object.fromEntries([...boxes].map(([key, sealed]) => [key, { sealed }]));
  const spec = { ...(apps.length > 0 && { apps }), data };
  return { apiVersion, kind: 'Secret', metadata: { name, namespace }, spec };
}

export function renderManifest(manifest: object): string {
  // kubectl reads YAML 1.1, for which a variable that is called NO is a boolean unless it is quoted.
  return new Document(manifest, { version: '1.1' }).toString({ lineWidth: 0 });
}

/** A box as it is easiest to read, and to paste, in YAML. */
export function boxNode(box: string): Scalar<string> {
  const node = new Scalar(box);
  node.type = Scalar.BLOCK_LITERAL;
  return node;
}
