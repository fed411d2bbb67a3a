import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { label, suspendedAnnotation } from '../../../src/api/meta.ts';
import { coreEvents } from '../../../src/commands/core-resources.ts';
import { HandMade, ready } from './hand-made.ts';

let acme: HandMade;
const at = new Date().toISOString();

beforeAll(async () => {
  acme = await HandMade.create();
  await acme.app('hello', { primaryRegion: 'iad' });
  await acme.status('hello', {
    conditions: [ready('Running', 'its machine is ready, 2 more are stopped')],
    release: { version: 7, image: 'example.com/hello:1', phase: 'complete', startedAt: at, finishedAt: at },
    machines: '1/1',
    urls: ['https://hello.example.com', 'http://hello.acme.svc.cluster.local'],
    processes: [{ name: 'app', desired: 1, ready: 1, stopped: 2 }],
  });
  await acme.pod('hello', 'hello-app-x1', { labels: { [label.region]: 'iad' }, restarts: 3 });
  await acme.pod('hello', 'hello-release-1', { labels: { [label.role]: 'release-command' } });
  await acme.pod('other', 'other-app-x1');

  await acme.app('broken', { image: 'example.com/none:1' });
  const message = 'release 2 failed: no such image; release 1 serves; 1 of 1 machines ready';
  await acme.status('broken', {
    conditions: [ready('ReleaseFailed', message, 'False'), { ...ready('ReleaseFailed', message), type: 'Stalled' }],
    release: { version: 2, image: 'example.com/none:1', phase: 'failed', startedAt: at, finishedAt: at, serving: 1 },
    machines: '1/1',
  });
  const waiting = { reason: 'ImagePullBackOff' };
  await acme.pod('broken', 'broken-app-y1', { ready: false, phase: 'Pending', waiting });
  await acme.pod('broken', 'broken-app-y2', { annotations: { [suspendedAnnotation]: '{}' } });
  await acme.client.create(coreEvents, {
    metadata: { name: 'broken.1', namespace: acme.namespace },
    involvedObject: { kind: 'App', name: 'broken', namespace: acme.namespace },
    type: 'Warning',
    reason: 'ReleaseFailed',
    message: 'release 2 failed: no such image',
    count: 2,
    lastTimestamp: at,
  } as never);
  await acme.app('unseen');
});
afterAll(() => acme.close());

describe('airfield status -a', () => {
  it('is one screen about an App, with the machines that are stopped', async () => {
    const { code, stdout, stderr } = await acme.airfield('status', '-a', 'hello');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`App      hello (namespace acme)
Ready    True Running: its machine is ready, 2 more are stopped
Image    example.com/hello:1
Release  7 complete, AGE ago
URLs     https://hello.example.com
         http://hello.acme.svc.cluster.local

MACHINE       GROUP  REGION  STATE    CHECKS  RESTARTS  AGE
hello-app-x1  app    iad     started  1/1     3         AGE
(2 more)      app    -       stopped  -       -         -
`);
  });

  it('says of what is not well why, and what to do next', async () => {
    const { code, stdout } = await acme.airfield('status', '-a', 'broken');
    expect(code).toBe(0);
    expect(stdout).toBe(`App      broken (namespace acme)
Ready    False ReleaseFailed: release 2 failed: no such image; release 1 serves; 1 of 1 machines ready
Image    example.com/none:1
Release  2 failed, AGE ago; release 1 serves
URLs     none

MACHINE        GROUP  REGION  STATE      CHECKS  RESTARTS  AGE
broken-app-y1  app    -       starting   0/1     0         AGE
broken-app-y2  app    -       suspended  1/1     0         AGE

ReleaseFailed for AGE: release 2 failed: no such image; release 1 serves; 1 of 1 machines ready
  next: airfield releases -a broken

LAST  EVENT
AGE  ReleaseFailed  release 2 failed: no such image (2 times)
`);
  });

  it('says that no operator has looked at it', async () => {
    const { stdout } = await acme.airfield('status', '-a', 'unseen');
    expect(stdout).toContain('Ready    Unknown NotSeen: no operator has looked at it yet\n');
    expect(stdout).toContain('  next: airfield doctor\n');
  });

  it('is JSON for programs', async () => {
    const { stdout } = await acme.airfield('status', '-a', 'broken', '-o', 'json');
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual([
      'name',
      'namespace',
      'image',
      'ready',
      'observed',
      'release',
      'urls',
      'processes',
      'machines',
      'problems',
      'events',
    ]);
    expect(report.machines[0]).toMatchObject({ name: 'broken-app-y1', state: 'starting', ready: false, restarts: 0 });
    expect(report.machines[0].trouble).toMatch(/broken-app-y1: ImagePullBackOff/);
  });

  it('names the Apps that are there, of one that is not', async () => {
    expect(await acme.airfield('status', '-a', 'helo')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no App helo in namespace acme; there are broken, hello, unseen\n',
    });
  });
});

describe('airfield status', () => {
  it('lists the Apps of the namespace', async () => {
    const { code, stdout } = await acme.airfield('status');
    expect(code).toBe(0);
    expect(
      stdout,
    ).toBe(`APP     READY    REASON         MACHINES  RELEASE   IMAGE                URL                        AGE
broken  False    ReleaseFailed  1/1       2 failed  example.com/none:1   -                          AGE
hello   True     Running        1/1       7         example.com/hello:1  https://hello.example.com  AGE
unseen  Unknown  NotSeen        -         -         example.com/hello:1  -                          AGE
`);
  });

  it('lists those of all namespaces', async () => {
    const { stdout } = await acme.airfield('status', '-A', '-o', 'json');
    const mine = JSON.parse(stdout).filter(({ namespace }: { namespace: string }) => namespace === 'acme');
    expect(mine.map(({ name }: { name: string }) => name)).toEqual(['broken', 'hello', 'unseen']);
  });
});
