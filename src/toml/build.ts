import type { Section } from './section.ts';

/** `[build]`: the image, or what takes its place. */
export function image(root: Section, override: string | undefined): string {
  const build = root.section('build');
  const written = build?.text('image');
  if (override !== undefined) {
    build?.report.markReplaced(build.at('image'));
    if (!/^\S+$/.test(override))
      root.report.fail('badOption', ['build'], `--image "${override}" is not a reference of an image`);
    return override;
  }
  if (!build || !written) {
    const isWrong = build?.has('image') && build.value('image') !== '';
    if (!isWrong) root.report.fail('noImage', ['build'], 'no image: add image = "…" to [build] or pass --image REF');
    return '';
  }
  if (/\s/.test(written)) build.wrong('image', `must be the reference of an image, not "${written}"`, 'noImage');
  if (written.startsWith('registry.fly.io/')) {
    build.warn(
      'closedRegistry',
      'image',
      'is in the registry of Fly.io, which needs a token of Fly.io: push it to one that your cluster can read',
    );
  }
  return written;
}
