import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { admissionBinding, admissionPolicy } from '../../../src/api/admission-policy.ts';
import { apiVersion } from '../../../src/api/meta.ts';
import { ownKinds, ownResourceOf } from '../../../src/controller/resources.ts';
import { type Client, connect } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/types.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { until } from '../../cluster/exec.ts';
import { stages } from '../../gitops/stages.ts';
import { serveOwnKinds } from '../own-kinds.ts';

interface Expressions {
  readonly apiVersion: string;
  readonly kind: string;
  readonly inProgress: string;
  readonly failed: string;
  readonly current: string;
}

const file = join(import.meta.dirname, '../../../docs/gitops/flux/health-checks.yaml');
const { spec } = parse(readFileSync(file, 'utf8')) as { spec: { healthCheckExprs: Expressions[] } };

/** Of its own: its policies refuse to write any status. */
let server: ApiServer;
let client: Client;

const specs: Record<string, object> = {
  App: { image: 'x:1' },
  Machine: { app: 'hello' },
  Secret: { data: {} },
  Schedule: { app: 'hello', schedule: 'daily' },
};

/**
 * In the order in which Flux asks, whose variables are the fields of the object:
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions
 */
function asked({ inProgress, failed, current }: Expressions): string {
  const isOld = 'object.status.observedGeneration != object.metadata.generation';
  const answer = `${isOld} ? 'InProgress' : (${inProgress}) ? 'InProgress' : (${failed}) ? 'Failed' : (${current}) ? 'Current' : 'InProgress'`;
  return `'flux says ' + [object.status].map(status, ${answer})[0]`;
}

/** Refuses a status, and says in CEL, which Flux and the API server share, what Flux would say of it. */
function policyFor(kind: Expressions): object {
  const { plural } = ownResourceOf(kind);
  const rule = {
    apiGroups: ['airfield.dev'],
    apiVersions: ['*'],
    operations: ['UPDATE'],
    resources: [`${plural}/status`],
  };
  return admissionPolicy(`flux-${plural}`, {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'false', message: 'the expression failed', messageExpression: asked(kind) }],
  });
}

const answerTo = (kind: string, status: object): Promise<string | undefined> =>
  client
    .mergePatch(ownResourceOf({ kind }), { namespace: 'default', name: 'hello' }, { status }, { subresource: 'status' })
    .then(
      () => undefined,
      (error: Error) => /flux says (\w+)/.exec(error.message)?.[1] ?? error.message,
    );

beforeAll(async () => {
  server = await startApiServer();
  client = await connect({ kubeConfigPath: server.kubeconfig });
  await serveOwnKinds(client);
  const admission = '/apis/admissionregistration.k8s.io/v1';
  for (const kind of spec.healthCheckExprs) {
    const { plural } = ownResourceOf(kind);
    await until(`the kind ${kind.kind}`, () => client.list(ownResourceOf(kind), { limit: 1 }));
    const metadata = { namespace: 'default', name: 'hello' };
    await client.create(ownResourceOf(kind), {
      apiVersion,
      kind: kind.kind,
      metadata,
      spec: specs[kind.kind],
    } as KubeObject);
    await client.raw('POST', `${admission}/validatingadmissionpolicies`, policyFor(kind));
    await client.raw('POST', `${admission}/validatingadmissionpolicybindings`, admissionBinding(`flux-${plural}`));
  }
  for (const { kind } of spec.healthCheckExprs)
    await until(`the policy for ${kind}`, async () => answerTo(kind, { observedGeneration: 1 }));
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

it('there are expressions for every kind', () => {
  expect(spec.healthCheckExprs.map(({ kind }) => kind).sort()).toEqual(ownKinds.map(({ kind }) => kind).sort());
});

describe('what Flux says', () => {
  const seen = stages().filter(({ status }) => status !== undefined);

  it.each(seen.map((object) => [object.kind, object.stage, object.flux, object] as const))(
    'of the %s %s: %s',
    async (kind, _stage, wanted, { status, metadata }) => {
      // What is stored here has the generation 1; one that is behind by one is as far behind.
      const observed = { ...status, observedGeneration: 2 - metadata.generation };
      expect(await answerTo(kind, observed)).toBe(wanted);
    },
  );

  it('of one that nothing is said of yet: InProgress', async () => {
    for (const { kind } of spec.healthCheckExprs)
      expect(await answerTo(kind, { observedGeneration: 1 })).toBe('InProgress');
  });
});
