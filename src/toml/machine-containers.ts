import type { z } from 'zod';
import type { containerSchema } from '../api/process.ts';
import { becomes, labelOf } from './label.ts';
import type { MachineContext } from './machine-context.ts';
import { machineEnv } from './machine-env.ts';
import { programOf } from './machine-program.ts';
import { given, type Section } from './section.ts';

type ContainerInput = z.input<typeof containerSchema>;

export interface Containers {
  /** The one that is the program of the machine; absent where the machine has no containers. */
  readonly main?: Section;
  readonly sidecars?: ContainerInput[];
  readonly init?: ContainerInput[];
}

/**
 * `containers` of a machine. The program is the one called `app`, else the first (flyctl, internal/containerconfig). Those
 * that others wait for until they have ended run before it.
 */
export function containersOf(config: Section, context: MachineContext): Containers {
  const all = config.sections('containers');
  const main = all.find((container) => container.text('name') === 'app') ?? all[0];
  const first = new Set(all.flatMap(waitsToEnd));
  const others = all.filter((container) => container !== main);
  for (const [name, same] of Map.groupBy(others, (container) => labelOf(container.text('name') ?? '')))
    if (name && same.length > 1)
      same[1]?.wrong('name', `${name} is there twice: rename one of the containers`, 'contradiction');
  const isInit = (container: Section) => first.has(container.text('name') ?? '');
  const made = (list: Section[]) =>
    list.length > 0 ? list.map((container) => containerOf(container, context)) : undefined;
  return given({
    main,
    sidecars: made(others.filter((container) => !isInit(container))),
    init: made(others.filter(isInit)),
  });
}

/** The containers that must have ended well before this one starts. */
function waitsToEnd(container: Section): string[] {
  const found = container.sections('depends_on').filter((one) => one.text('condition') === 'exited_successfully');
  if (found.length > 0 && found.length === container.sections('depends_on').length) container.value('depends_on');
  return found.flatMap((one) => one.text('name') ?? []);
}

function containerOf(container: Section, context: MachineContext): ContainerInput {
  const written = container.required('name', container.text('name'), 'sidecar');
  const name = labelOf(written);
  if (!name) container.wrong('name', 'must have a letter or digit');
  else if (name !== written) container.warn('renamed', 'name', becomes(name));
  const { exec, entrypoint, command } = programOf(container);
  return container.made({
    name,
    image: container.required('image', container.text('image'), 'x'),
    ...(exec ? { entrypoint: exec } : given({ entrypoint, command })),
    ...given({ env: machineEnv(container, context), secrets: secretsOf(container) }),
  });
}

/** `[{env_var, name}]`: a secret has the name of its variable. */
function secretsOf(container: Section): string[] | undefined {
  const found = container.sections('secrets').flatMap((secret) => {
    const variable = secret.required('env_var', secret.text('env_var'), '');
    const name = secret.text('name') ?? variable;
    if (name !== variable)
      secret.warn('notSupported', 'name', `is not converted: the container gets the secret ${name} under its own name`);
    return name ? [name] : [];
  });
  return found.length > 0 ? found : undefined;
}
