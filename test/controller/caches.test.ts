import { describe, expect, it } from 'vitest';
import { childrenOf, createCaches, labelledKey, ownerKey } from '../../src/controller/caches.ts';
import { Client } from '../../src/kube/client.ts';
import { silent } from '../../src/kube/log.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { anonymous } from '../kube/fake-api.ts';

const caches = () =>
  createCaches({ client: new Client({ auth: anonymous(new URL('http://127.0.0.1:1')) }), log: silent });
const child = (kind: string, uid: string, owner = 'App'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name: `${kind}-${uid}`.toLowerCase(),
    namespace: 'acme',
    ownerReferences: [{ apiVersion: 'airfield.dev/v1alpha1', kind: owner, name: 'hello', uid, controller: true }],
  },
});

describe('the caches', () => {
  it('find everything that an App owns, and nothing that another one of its name owned', () => {
    const { deployments, services, networkPolicies, ...rest } = caches();
    deployments.store.set(child('Deployment', 'new') as never);
    deployments.store.set(child('Deployment', 'old') as never);
    services.store.set(child('Service', 'new') as never);
    networkPolicies.store.set(child('NetworkPolicy', 'new') as never);
    const app = { apiVersion: 'v1', kind: 'App', metadata: { name: 'hello', namespace: 'acme', uid: 'new' } };
    const found = childrenOf(app, { deployments, services, networkPolicies, ...rest });
    expect(found.map(({ kind, metadata }) => `${kind} ${metadata.ownerReferences?.[0]?.uid}`).sort()).toEqual([
      'Deployment new',
      'NetworkPolicy new',
      'Service new',
    ]);
  });

  it('keep of a pod what tells why it does not run, and none of its environment', () => {
    const { pods } = caches();
    const { current } = pods.store.set({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'hello-1',
        namespace: 'acme',
        labels: { 'airfield.dev/app': 'hello' },
        annotations: { big: 'x' },
      },
      spec: {
        volumes: [{ name: 'token', secret: { secretName: 'tokens', items: [{ key: 'hello', path: 'x' }] } }],
        containers: [
          {
            name: 'app',
            env: [{ name: 'KEY', value: 'c2VjcmV0' }],
            readinessProbe: { httpGet: { port: 1, httpHeaders: [{ name: 'x', value: 'c2VjcmV0' }] } },
          },
        ],
      },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodReadyToStartContainers', status: 'False' }],
        containerStatuses: [
          {
            name: 'app',
            image: 'a:1',
            imageID: 'x',
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'ErrImagePull' } },
          },
        ],
      },
    } as never);
    expect(JSON.stringify(current)).not.toContain('c2VjcmV0');
    expect(current).toMatchObject({
      metadata: { name: 'hello-1', labels: { 'airfield.dev/app': 'hello' } },
      spec: {
        volumes: [{ secret: { secretName: 'tokens', items: [{ key: 'hello' }] } }],
        containers: [{ name: 'app', readinessProbe: { httpGet: { port: 1 } } }],
      },
      status: {
        conditions: [{ type: 'PodReadyToStartContainers', status: 'False' }],
        containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ErrImagePull' } } }],
      },
    });
    expect(pods.store.byIndex('app', 'acme/hello')).toHaveLength(1);
  });
});

describe('the App that a change concerns', () => {
  it('is the owner of a child', () => {
    expect(ownerKey(child('Deployment', 'new'))).toBe('acme/hello');
    expect(ownerKey(child('Deployment', 'new', 'Other'))).toBeUndefined();
    expect(ownerKey({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'internal' } })).toBeUndefined();
  });

  it('is named by the label of a pod', () => {
    const metadata = { name: 'hello-1', namespace: 'acme', labels: { 'airfield.dev/app': 'hello' } };
    expect(labelledKey({ apiVersion: 'v1', kind: 'Pod', metadata })).toBe('acme/hello');
    expect(labelledKey({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } })).toBeUndefined();
  });
});
