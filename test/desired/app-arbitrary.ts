import fc from 'fast-check';
import type { AppSpecInput } from '../../src/api/app.ts';

type Spec = AppSpecInput;
type Process = NonNullable<Spec['processes']>[number];
type Service = NonNullable<Spec['services']>[number];

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,14}[a-z0-9])?$/);
/** Up to the bound, where names are cut and hashed. */
const longLabel = fc.oneof(label, fc.stringMatching(/^[a-z][-a-z0-9]{50,61}[a-z0-9]$/));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const port = fc.integer({ min: 1, max: 65_535 });
const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGTERM'] as const;
const env = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,10}$/), text, { maxKeys: 4 });

/** Without the fields that are undefined, as JSON has it. */
const sparse = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value));
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields).map((value) => sparse(value as object));

const container = record({
  name: label.map((name) => `x-${name}`),
  image: fc.constant('example.com/extra:1'),
  command: maybe(
    fc.array(
      text.filter((word) => word.trim() !== ''),
      { minLength: 2, maxLength: 3 },
    ),
  ),
  env: maybe(env),
  vm: maybe(fc.constant({ size: 'shared-cpu-1x' as const })),
});

const process = (name: string) =>
  record({
    name: fc.constant(name),
    command: maybe(fc.constantFrom(['node', 'x.js'], ['npm run "the thing"'])),
    count: maybe(fc.integer({ min: 0, max: 5 })),
    vm: maybe(fc.constantFrom({ size: 'performance-2x' as const }, { size: 'l40s' as const }, { memory: '1Gi' })),
    sidecars: maybe(fc.uniqueArray(container, { selector: (one) => (one as { name: string }).name, maxLength: 2 })),
  }) as fc.Arbitrary<Process>;

const regions = fc.uniqueArray(fc.record({ name: label, count: fc.integer({ min: 0, max: 3 }) }), {
  selector: ({ name }) => name,
  minLength: 1,
  maxLength: 3,
});

const spread = (one: Process) =>
  fc.tuple(fc.boolean(), regions).map(([isSpread, list]): Process => {
    const { count: _, ...rest } = one;
    return isSpread ? { ...rest, regions: list } : one;
  });

const check = fc.oneof(
  fc.constant({ type: 'tcp' as const }),
  record({
    type: fc.constant('http' as const),
    path: maybe(fc.constantFrom('/', '/health?a=b c')),
    interval: maybe(fc.constantFrom('100ms', '7s', '2m')),
    headers: maybe(fc.constant({ Host: 'example.com' })),
  }),
);

const services = (groups: readonly string[]) =>
  fc
    .uniqueArray(
      fc.tuple(
        port,
        port,
        fc.constantFrom('tcp', 'udp'),
        fc.array(check, { maxLength: 3 }),
        fc.subarray([...groups], { minLength: 1 }),
      ),
      {
        selector: ([outside]) => outside,
        maxLength: 3,
      },
    )
    .map((list) =>
      list.map(([outside, internalPort, protocol, checks, processes]) =>
        sparse({
          internalPort,
          protocol,
          ports: [{ port: outside, handlers: [] }],
          checks: protocol === 'tcp' ? checks : [],
          processes,
        }),
      ),
    ) as unknown as fc.Arbitrary<Service[]>;

const files = fc
  .uniqueArray(
    fc.tuple(
      label,
      fc.oneof(record({ content: text }), fc.constant({ secretKeyRef: { name: 'tls', key: 'tls.key' } })),
    ),
    { selector: ([name]) => name, maxLength: 3 },
  )
  .map((list) => list.map(([name, content]) => ({ path: `/etc/${name}`, ...content })));

const mounts = (groups: readonly string[]) =>
  fc
    .uniqueArray(fc.tuple(longLabel, fc.constantFrom('1Gi', '1500M'), fc.subarray([...groups], { minLength: 1 })), {
      selector: ([name]) => name,
      maxLength: 2,
    })
    .map((list) => list.map(([name, size, processes]) => ({ name, destination: `/data/${name}`, size, processes })));

/** Anything that people may write; the API server's rules may still refuse some of it. */
export const anySpec: fc.Arbitrary<Spec> = fc
  .uniqueArray(longLabel, { minLength: 1, maxLength: 3 })
  .chain((groups) =>
    fc.record({
      image: fc.constant('example.com/hello:1'),
      primaryRegion: maybe(label),
      env: maybe(env),
      processes: fc.tuple(...groups.map((name) => process(name).chain(spread))),
      services: services(groups),
      mounts: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: mounts(groups) }),
      files,
      metrics: fc
        .array(record({ port, https: maybe(fc.boolean()) }), { maxLength: 2 })
        .map((list) => list.map((entry) => ({ ...entry, processes: groups }))),
      killSignal: maybe(fc.constantFrom(...signals)),
      killTimeout: maybe(fc.constantFrom('0s', '1m')),
      deploy: maybe(
        record({
          strategy: fc.constantFrom('rolling', 'immediate', 'canary', 'bluegreen'),
          maxUnavailable: maybe(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom('1%', '50%', '100%'))),
          releaseCommand: maybe(fc.constant(['npm run migrate'])),
        }),
      ),
      network: maybe(record({ name: maybe(label), egress: maybe(fc.constant([])) })),
    }),
  )
  .map((spec) => sparse(spec) as Spec);

export const anyAppName = longLabel;
