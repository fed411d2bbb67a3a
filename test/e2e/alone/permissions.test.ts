import { beforeAll, describe, expect, inject, it } from 'vitest';
import { buildTimeoutMs, helm, type Manifest, render, valuesFiles } from '../../chart/helm.ts';
import { granted, type Seen, seen } from '../permissions.ts';

/**
 * The operators and gates of the other files were administrators; the API server's log has what they did. This file alone
 * looks at what others have done, so without them it skips what it cannot know.
 */
const programs = [
  { name: 'operator', roles: /^airfield-operator/ },
  { name: 'gate', roles: /^airfield-gate/ },
];
/** What namespaces of the project `cluster` are called at the beginning: those of the files that use what hardly others do. */
const ofAllFiles = ['edge', 'machine', 'regions', 'scaled', 'schedules', 'secrets', 'suspend', 'volumes'];

/** Children are read only where there is one of the name already when it is to be made. */
const children =
  'apps/(deployments|statefulsets|controllerrevisions)|batch/(jobs|cronjobs)|core/(services|configmaps)|networking.k8s.io/networkpolicies|discovery.k8s.io/endpointslices|policy/poddisruptionbudgets';

/**
 * What other tests have, on an API server alone or by themselves: edges of other kinds, monitors, children that are read, put
 * right or taken away, snapshots that are old, and a gate that starts a StatefulSet.
 */
const elsewhere = [
  new RegExp(`^get (${children})$`),
  /^\w+ (networking\.k8s\.io\/ingresses|gateway\.networking\.k8s\.io\/httproutes|monitoring\.coreos\.com\/podmonitors)$/,
  /^(update|delete) (apps|batch|core|discovery\.k8s\.io|networking\.k8s\.io|policy|airfield\.dev|snapshot\.storage\.k8s\.io)\//,
  /^(get|patch) apps\/statefulsets\/scale$/,
];

let objects: Manifest[];
beforeAll(async () => {
  await helm(['version']);
  objects = (await Promise.all(valuesFiles.map((name) => render(name)))).flat();
}, buildTimeoutMs);

describe.runIf(inject('provider') === 'embedded').each(programs)('the roles of the $name', (program) => {
  let done: Seen;
  let operator: Seen;
  beforeAll(async () => {
    done = await seen(inject('auditLog'), `airfield-${program.name}`);
    operator = await seen(inject('auditLog'), 'airfield-operator');
  });

  it('allow all that it has done in other tests', ({ skip }) => {
    if (done.done.size === 0) skip('it has not run');
    const allowed = granted(objects, program.roles);
    expect([...done.done].filter((one) => !allowed.has(one)).sort()).toEqual([]);
  });

  it('allow nothing that it has never done', ({ skip }) => {
    const names = [...operator.namespaces];
    const missing = ofAllFiles.filter((prefix) => !names.some((name) => name.startsWith(`${prefix}-`)));
    if (missing.length > 0) skip(`nothing was seen of ${missing.join(', ')}`);
    const unused = [...granted(objects, program.roles)].filter((one) => !done.done.has(one));
    expect(unused.filter((one) => !elsewhere.some((pattern) => pattern.test(one))).sort()).toEqual([]);
  });
});
