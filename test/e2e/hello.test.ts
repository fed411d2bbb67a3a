import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientApp, helloApp } from './apps.ts';
import { Namespace, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';

interface Answer {
  app: string;
  greeting: string;
  image: string;
  machine: string;
  region: string;
}

interface Pod {
  metadata: { name: string };
  status: { podIP: string };
}

let operator: OperatorProcess;
let acme: Namespace;

beforeAll(async () => {
  acme = await Namespace.create('hello');
  operator = await OperatorProcess.startIn(acme);
  await acme.apply(helloApp('hello', { primaryRegion: 'iad' }), clientApp());
  await acme.waitReady('hello');
  await acme.waitReady('client');
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

const ask = async (url: string): Promise<Answer> =>
  JSON.parse(await acme.exec('client', 'timeout', '5', 'wget', '-qO-', url));
/** DNS, kube-proxy and policies follow machines a moment after Kubernetes has called them ready. */
const answerOf = async (url: string) => (await until(`${url} to answer`, () => ask(url))) as Answer;
const podsOf = (app: string) => acme.list<Pod>('pods', `airfield.dev/app=${app}`);
const addresses = async (name: string): Promise<string[]> => {
  const output = await acme.exec('client', 'nslookup', `${name}.${acme.name}.svc.cluster.local`);
  return [...output.matchAll(/^Address(?: \d+)?:\s+([0-9a-f.:]+)$/gm)].map(([, address]) => address ?? '').sort();
};

describe('an App that was applied with kubectl', () => {
  it('answers through its Service, with what Fly tells a machine', async () => {
    const answer = await answerOf('http://hello/');
    expect(answer).toMatchObject({ app: 'hello', region: 'iad' });
    expect((await podsOf('hello')).map(({ metadata }) => metadata.name)).toContain(answer.machine);
  });

  it('answers to <app>.internal, which resolves to all ready machines', async () => {
    const pods = await podsOf('hello');
    expect(pods).toHaveLength(2);
    const ips = pods.map(({ status }) => status.podIP).sort();
    const resolved = async () => (await addresses('hello.internal')).filter((address) => ips.includes(address));
    await until('both addresses', async () => (await resolved()).length === 2);
    expect((await answerOf('http://hello.internal:8080/')).app).toBe('hello');
  });

  it('answers to <app>.flycast, which resolves to its Service', async () => {
    const service = await acme.get<{ spec: { clusterIP: string } }>('service', 'hello');
    await until('the name', async () => (await addresses('hello.flycast')).includes(service.spec.clusterIP));
    expect((await answerOf('http://hello.flycast/')).app).toBe('hello');
  });

  it('is told by kubectl get in one line', async () => {
    const table = await acme.kubectl(['get', 'afapp', 'hello']);
    expect(table).toMatch(/NAME\s+READY\s+REASON\s+MACHINES\s+RELEASE\s+PHASE\s+IMAGE\s+URL\s+AGE/);
    expect(table).toMatch(/hello\s+True\s+Running\s+2\/2\s+1\s+complete\s+airfield\.local\/hello:1\s+http:\/\/hello\./);
  });

  it('rolls when its environment is edited, and answers all the while', async () => {
    const before = new Set((await podsOf('hello')).map(({ metadata }) => metadata.name));
    await acme.apply(helloApp('hello', { primaryRegion: 'iad', env: { GREETING: 'Changed' } }));
    const status = await until('a new machine to answer', async () => {
      const answer = await ask('http://hello/');
      return answer.greeting === 'Changed' ? answer : undefined;
    });
    expect(before).not.toContain(status?.machine);
    await acme.waitReady('hello');
  });

  it('rolls when its image is edited', async () => {
    const image = 'airfield.local/hello-3000:1';
    await acme.apply(helloApp('hello', { primaryRegion: 'iad', image, env: { PORT: '8080' } }));
    await until('the new image to answer', async () => (await ask('http://hello/')).image === image);
    await acme.waitReady('hello');
  });

  it('has as many machines as its count says', async () => {
    await acme.apply(helloApp('hello', { primaryRegion: 'iad', processes: [{ name: 'app', count: 3 }] }));
    await until('three machines', async () => (await acme.kubectl(['get', 'afapp', 'hello'])).includes('3/3'));
  });

  it('with a count of none is Ready', async () => {
    await acme.apply(helloApp('idle', { processes: [{ name: 'app', count: 0 }] }));
    await acme.waitReady('idle');
    expect(await acme.kubectl(['get', 'afapp', 'idle'])).toMatch(/True\s+Idle\s+0\/0/);
  });

  it('says which machine cannot start and why', async () => {
    await acme.apply(helloApp('broken', { image: 'airfield.local/nothing:1', processes: [{ name: 'app', count: 1 }] }));
    const status = await until('the reason', async () => {
      const { status } = await acme.get<{
        status: { conditions?: { type: string; reason: string; message: string }[] };
      }>('app', 'broken');
      return status.conditions?.find(({ type, reason }) => type === 'Ready' && /ImagePull|ErrImage/.test(reason));
    });
    expect(status?.message).toMatch(/0 of 1 machines ready; machine broken-app-\S+: (ErrImagePull|ImagePullBackOff)/);
  });
});

describe('what an App is made of', () => {
  // What a person does by hand is noticed by a watch and put back at once, not when all is looked at the next time; 5 s is
  // what is promised, and a busy machine has more.
  const soon = 45_000;

  it('is made again when it is deleted', async () => {
    const uid = async () => (await acme.get<{ metadata: { uid: string } }>('deployment', 'hello-app')).metadata.uid;
    const before = await uid();
    await acme.kubectl(['delete', 'deployment', 'hello-app', '--cascade=orphan', '--wait=false']);
    await until('a new Deployment', async () => (await uid()) !== before, soon);
  });

  it.each([
    ['a changed value', 'service/hello', { spec: { selector: { 'airfield.dev/app': 'other' } } }],
    ['a removed label', 'networkpolicy/hello', { metadata: { labels: { 'airfield.dev/app': null } } }],
    ['a changed count', 'deployment/hello-app', { spec: { replicas: 7 } }],
    ['an open policy', 'networkpolicy/hello', { spec: { ingress: [{}] } }],
  ])('is put back after %s', async (_, object, patch) => {
    const [kind = '', name = ''] = object.split('/');
    const read = async () => {
      const { spec, metadata } = await acme.get<{ spec: object; metadata: { labels: object } }>(kind, name);
      return JSON.stringify({ spec, labels: metadata.labels });
    };
    const before = await read();
    await acme.kubectl(['patch', object, '--type=merge', '-p', JSON.stringify(patch)]);
    await until('what was there before', async () => (await read()) === before, soon);
  });

  it('is gone with the App, and with the last one what the namespace had', async ({ onTestFinished }) => {
    const gone = await Namespace.create('gone');
    const another = await OperatorProcess.startIn(gone);
    onTestFinished(async () => void (await another.stop()));
    await gone.apply(helloApp('one', { processes: [{ name: 'app', count: 1 }] }));
    await gone.waitReady('one');
    const kinds = ['deployments', 'replicasets', 'pods', 'services', 'networkpolicies', 'endpointslices', 'apps'];
    expect(await gone.names(...kinds)).toEqual(
      expect.arrayContaining(['service/flycast', 'service/internal', 'service/one']),
    );
    await gone.kubectl(['delete', 'app', 'one']);
    await until('nothing to be left', async () => (await gone.names(...kinds)).length === 0);
    await gone.delete();
  });
});
