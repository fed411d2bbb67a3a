import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { crds } from '../../../src/api/crds.ts';
import type { JsonSchema } from '../../../src/api/structural.ts';
import { attacks, below, pick, type Random, sampleOf } from './values.ts';

export interface HostileObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

interface CustomResource {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: JsonSchema } }[];
  };
}

/** Where a value stands, with the schema of what it should be. */
interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly schema: JsonSchema | undefined;
}

const specs = new Map(
  (crds() as unknown as CustomResource[]).map(({ spec }) => [
    spec.names.kind,
    spec.versions[0]?.schema.openAPIV3Schema.properties?.spec as JsonSchema,
  ]),
);
const golden = join(import.meta.dirname, '..', '..', 'golden');

const app = (spec: object) => ({ kind: 'App', spec: { image: 'x:1', ...spec } });
const service = {
  internalPort: 8080,
  autoStop: 'stop',
  ports: [{ port: 443, handlers: ['tls', 'http'], forceHttps: false }],
};
/** Each kind with what converted files do not have. */
const more = [
  app({
    services: [service],
    domains: [{ host: 'a.example.com', secretName: 'tls' }],
    network: { allowFrom: [{ namespace: 'other' }] },
  }),
  app({
    mounts: [{ name: 'data', destination: '/data', size: '1Gi' }],
    files: [{ path: '/etc/x', secretKeyRef: { name: 'a', key: 'b' } }],
  }),
  app({
    processes: [{ name: 'web', command: ['a'], sidecars: [{ name: 's', image: 'x' }] }],
    deploy: { releaseCommand: ['x'] },
    metrics: [{ port: 9 }],
  }),
  { kind: 'Machine', spec: { app: 'web', image: 'x:1', services: [service], restart: { policy: 'always' } } },
  { kind: 'Schedule', spec: { app: 'web', schedule: '*/5 * * * *', command: ['x'] } },
  {
    kind: 'Secret',
    spec: {
      apps: ['web'],
      data: { A: { value: 'x' }, B: { secretKeyRef: { name: 'keys', key: 'k' } }, C: { generate: {} } },
    },
  },
];

/** What people write: the start of what attackers write. */
const originals: readonly Pick<HostileObject, 'kind' | 'spec'>[] = [
  ...readdirSync(golden).flatMap((name) =>
    parseAllDocuments(readFileSync(join(golden, name, 'expected.yaml'), 'utf8')).map(
      (one) => one.toJS() as HostileObject,
    ),
  ),
  ...more,
];

function places(holder: Record<string, unknown>, schema: JsonSchema | undefined): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const own = schema?.properties?.[key] ?? schema?.items ?? (schema?.additionalProperties as JsonSchema | undefined);
    const inner = value && typeof value === 'object' ? places(value as Record<string, unknown>, own) : [];
    return [{ holder, key, schema: own }, ...inner];
  });
}

type Change = (spec: Record<string, unknown>, schema: JsonSchema, random: Random) => void;

const changes: readonly Change[] = [
  // Another value in the place of one.
  (spec, schema, random) => {
    const at = pick(random, places(spec, schema));
    at.holder[at.key] = at.schema ? sampleOf(at.schema, random) : pick(random, attacks);
  },
  // A text in the place of any text.
  (spec, schema, random) => {
    const texts = places(spec, schema).filter(({ holder, key }) => typeof holder[key] === 'string');
    if (texts.length === 0) return;
    const at = pick(random, texts);
    at.holder[at.key] = random() < 0.5 ? pick(random, attacks) : `${at.holder[at.key]}${pick(random, attacks)}`;
  },
  // A field that was not there, or one that nobody knows.
  (spec, schema, random) => {
    const objects = places({ spec }, { properties: { spec: schema } }).filter(
      ({ holder, key, schema: own }) => own?.properties && typeof holder[key] === 'object' && holder[key] !== null,
    );
    if (objects.length === 0) return;
    const at = pick(random, objects);
    const [name, own] = pick(random, Object.entries(at.schema?.properties ?? {}));
    const holder = at.holder[at.key] as Record<string, unknown>;
    if (random() < 0.1)
      holder[pick(random, ['namespace', 'hostPath', '__proto__', 'securityContext', 'nodeName'])] = pick(
        random,
        attacks,
      );
    else holder[name] = sampleOf(own, random);
  },
  // One of a list once more, or very often.
  (spec, schema, random) => {
    const lists = places(spec, schema).filter(
      ({ holder, key }) => Array.isArray(holder[key]) && (holder[key] as []).length > 0,
    );
    if (lists.length === 0) return;
    const at = pick(random, lists);
    const list = at.holder[at.key] as unknown[];
    for (let left = random() < 0.05 ? 2000 : 1; left > 0; left--) list.push(structuredClone(pick(random, list)));
  },
  (spec, schema, random) => {
    const at = pick(random, places(spec, schema));
    delete at.holder[at.key];
  },
];

const names = [
  'web',
  'db',
  'internal',
  'flycast',
  'web-app',
  'kube-dns',
  'a',
  'a-b',
  'a--b',
  'x'.repeat(63),
  'default',
  'airfield',
];

/** An object of one of Airfield's kinds as an attacker may write it; half of them hold to most rules. */
export function hostileObject(random: Random, namespace: string): HostileObject {
  const { kind, spec } = structuredClone(pick(random, originals));
  const schema = specs.get(kind) ?? {};
  const changed =
    random() < 0.1 ? (sampleOf(schema, random) as Record<string, unknown>) : (spec as Record<string, unknown>);
  for (let left = below(random, 4); left > 0; left--)
    if (Object.keys(changed).length > 0) pick(random, changes)(changed, schema, random);
  const annotations =
    random() < 0.2
      ? { [pick(random, ['airfield.dev/routes', 'airfield.dev/redeploy', 'airfield.dev/x'])]: pick(random, attacks) }
      : {};
  const labels =
    random() < 0.2 ? { 'airfield.dev/app': pick(random, names), 'app.kubernetes.io/name': 'airfield' } : {};
  return {
    apiVersion: 'airfield.dev/v1alpha1',
    kind,
    metadata: {
      namespace,
      name: random() < 0.7 ? `${pick(random, ['web', 'a-b'])}-${below(random, 1e6)}` : pick(random, names),
      annotations,
      labels,
    },
    spec: changed,
  };
}
