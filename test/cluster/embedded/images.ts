import { run } from '../exec.ts';
import { buildImage, type ImageArchive } from '../image/build.ts';
import { versionOf } from '../sources.ts';
import type { Programs } from './components.ts';
import { inside, type Machine } from './machine.ts';
import { pauseImage } from './node-files.ts';

const none = { programs: [], files: [], entrypoint: [], cmd: [], env: {}, workdir: '/', user: '0', exposedPorts: [] };

/** Process 1 gets only the signals that it asks for; a shell hears them while it waits, and not while it runs a program. */
const untilStopped = 'trap "exit 0" INT TERM; sleep infinity & wait';

/** What the cluster itself runs in pods, built from the programs at hand. */
export async function systemImages(programs: Programs): Promise<ImageArchive[]> {
  const program = (name: 'coredns' | 'local-path-provisioner') =>
    buildImage({
      ...none,
      name: `airfield.local/${name}:${versionOf(name)}`,
      base: 'scratch',
      files: [{ from: programs[name], to: `/${name}`, mode: '0755' }],
      entrypoint: [`/${name}`],
    });
  return [
    await buildImage({
      ...none,
      name: pauseImage,
      base: 'busybox',
      entrypoint: ['/bin/sh', '-c', untilStopped],
      user: '65534',
    }),
    await buildImage({ ...none, name: 'airfield.local/busybox:1', base: 'busybox', cmd: ['sh'] }),
    await program('coredns'),
    await program('local-path-provisioner'),
  ];
}

/** Imports an image into a node's containerd, unless the node has exactly that one. */
export async function loadInto(
  machine: Machine,
  image: Pick<ImageArchive, 'path'> & Partial<ImageArchive>,
): Promise<boolean> {
  const ctr = (...args: string[]) => {
    const [command = '', ...rest] = inside(machine, ['ctr', '--namespace', 'k8s.io', 'images', ...args]);
    return run(command, rest);
  };
  if (image.name && image.digest && (await ctr('list', `name==${image.name}`)).includes(image.digest)) return false;
  await ctr('import', image.path);
  return true;
}
