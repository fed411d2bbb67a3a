import type { Section } from './section.ts';

/** `image` of a machine; undefined where it is that of the App. `usual`: images that the machines of the App run. */
export function machineImage(owner: Section, usual: ReadonlySet<string>): string | undefined {
  const image = owner.text('image');
  if (image === undefined || usual.has(withoutDigest(image))) return undefined;
  if (/\s/.test(image)) owner.wrong('image', `must be the reference of an image, not "${image}"`);
  if (image.startsWith('registry.fly.io/')) {
    owner.warn(
      'closedRegistry',
      'image',
      'is in the registry of Fly.io, which needs a token of Fly.io: push it to one that your cluster can read, or leave `image` out to have that of the App',
    );
  }
  return image;
}

/** `hello:1@sha256:…` is `hello:1`. */
export function withoutDigest(image: string): string {
  return image.replace(/(?<=:[^/@]*)@sha256:.*$/, '');
}
