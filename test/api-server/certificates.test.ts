import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events, secrets } from '../../src/kube/resources.ts';
import { until } from '../cluster/exec.ts';
import { type Signed, signed } from '../gate/certificates.ts';
import { EdgeNamespace } from './edge-namespace.ts';

let edge: EdgeNamespace;
let first: Signed;
let second: Signed;
const host = 'hello.example.com';
const pairs: Signed[] = [];

beforeAll(async () => {
  edge = await EdgeNamespace.create({ AIRFIELD_EDGE: 'gate', AIRFIELD_BASE_DOMAIN: 'apps.example.com' });
  [first, second] = await Promise.all([signed([host, 'www.example.com']), signed([host])]);
  pairs.push(first, second);
});
afterAll(async () => {
  await edge?.stop();
  edge?.client.close();
});

const domain = (tlsSecretName: string, of = host) => ({ host: of, tlsSecretName });

describe('the certificate of a domain', () => {
  it('is copied for the gates, follows its renewal, and goes with the domain', async () => {
    await edge.secret('renewed', first);
    await edge.app('renewed', [domain('renewed'), domain('renewed', 'www.example.com')]);
    const copy = await edge.served('renewed', first, [host, 'www.example.com']);
    expect(copy.type).toBe('kubernetes.io/tls');
    expect(Object.keys(copy.data ?? {}).sort()).toEqual(['tls.crt', 'tls.key']);
    await edge.says('renewed');
    await edge.secret('renewed', second);
    await edge.served('renewed', second, [host]);
    await edge.says('renewed', /^CertificateMismatch: www\.example\.com: the certificate in Secret renewed/);
    await edge.app('renewed', []);
    await until('the copy to go', async () => (await edge.copies('renewed')).length === 0);
    await edge.says('renewed');
    await edge.delete('renewed');
  });

  it('is told while there is none, or one that cannot be served, and what was served stays', async () => {
    await edge.app('told', [domain('told')]);
    await edge.says('told', /^CertificateMissing: hello\.example\.com: there is no Secret told/);
    await edge.secret('told', { ...first, key: second.key });
    await edge.says('told', /^CertificateInvalid: .*tls\.key of Secret told is not the key/);
    expect(await edge.copies('told')).toEqual([]);
    await edge.secret('told', first);
    await edge.served('told', first, [host]);
    await edge.says('told');
    await edge.client.delete(secrets, edge.ref('told'));
    await edge.says('told', /^CertificateMissing/);
    await edge.secret('told', first, 'Opaque');
    await edge.says('told', /^CertificateInvalid: .*not of type kubernetes\.io\/tls/);
    await edge.served('told', first, [host]);
    await edge.delete('told');
  });

  it('is put back when somebody changes or deletes the copy', async () => {
    await edge.secret('robbed', first);
    await edge.app('robbed', [domain('robbed')]);
    const { metadata } = await edge.served('robbed', first, [host]);
    const data = { 'tls.key': Buffer.from(second.key).toString('base64') };
    await edge.client.mergePatch(secrets, { namespace: edge.certificates, name: metadata.name }, { data });
    await until('the right key', async () => (await edge.copies('robbed'))[0]?.data?.['tls.key'] !== data['tls.key']);
    await edge.client.delete(secrets, { namespace: edge.certificates, name: metadata.name });
    await edge.served('robbed', first, [host]);
    await edge.delete('robbed');
  });

  it('goes with its App, also with one that was deleted while no operator was there', async () => {
    await edge.secret('gone', first);
    await edge.app('gone', [domain('gone')]);
    await edge.served('gone', first, [host]);
    await edge.delete('gone');
    await until('the copy to go', async () => (await edge.copies('gone')).length === 0);
    await edge.app('gone', [domain('gone')]);
    await edge.served('gone', first, [host]);
    await edge.stop();
    await edge.delete('gone');
    await edge.start();
    await until('the copy to go', async () => (await edge.copies('gone')).length === 0);
  });

  it('moves to the namespace of certificates, and the key is nowhere else then', async () => {
    await edge.secret('moved', first);
    await edge.stop();
    await edge.start({ AIRFIELD_GATES_CERTIFICATES_NAMESPACE: '' });
    await edge.app('moved', [domain('moved')]);
    await until('the copy beside the gates', async () => (await edge.copies('moved', edge.gates)).length === 1);
    await edge.stop();
    // It can be served although there is no other one any more.
    await edge.client.delete(secrets, edge.ref('moved'));
    await edge.start();
    await edge.served('moved', first, [host]);
    await until('the old one to go', async () => (await edge.copies('moved', edge.gates)).length === 0);
    await edge.delete('moved');
  });

  it('follows a renewal also where the App is stalled', async () => {
    await edge.secret('stalled', first);
    await edge.app('stalled', [domain('stalled')]);
    await edge.served('stalled', first, [host]);
    await edge.app('stalled', [domain('stalled')], { deploy: { rollbackTo: 99 } });
    await edge.secret('stalled', second);
    await edge.served('stalled', second, [host]);
    await edge.delete('stalled');
  });

  it('is not of whoever came later, until the host is free', async () => {
    await edge.secret('both', first);
    await edge.app('older', [domain('both')]);
    await edge.served('older', first, [host]);
    await edge.app('younger', [domain('both')]);
    await edge.says('younger', new RegExp(`^HostTaken: hello\\.example\\.com: the App ${edge.name}/older`));
    expect(await edge.copies('younger')).toEqual([]);
    expect((await edge.get('older')).status?.urls?.slice(0, 2)).toEqual([
      'https://older.apps.example.com',
      'https://hello.example.com',
    ]);
    expect((await edge.get('younger')).status?.urls).not.toContain('https://hello.example.com');
    await edge.delete('older');
    await edge.served('younger', first, [host]);
    await edge.says('younger');
    await edge.delete('younger');
  });
});

describe('an operator that starts where nothing has changed', () => {
  it('writes nothing', async () => {
    await edge.secret('still', first);
    await edge.app('still', [domain('still')]);
    const { metadata } = await edge.served('still', first, [host]);
    await edge.says('still');
    // What the first one had still to say of the App, the second one says.
    await edge.stop();
    await edge.start();
    await until('it to have looked', async () => looked(edge));
    await edge.stop();
    const before = (await edge.get('still')).metadata.resourceVersion;
    await edge.start();
    const metrics = await until('it to have looked', async () => looked(edge));
    expect(metrics).not.toMatch(/^airfield_child_writes_total\{.*\} [1-9]/m);
    expect((await edge.copies('still'))[0]?.metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect((await edge.get('still')).metadata.resourceVersion).toBe(before);
    await edge.delete('still');
  });
});

/** The metrics of the operator, once it has looked at the App and its certificate. */
async function looked({ url }: EdgeNamespace): Promise<string | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const isDone = (controller: string) =>
    new RegExp(`reconcile_total\\{controller="${controller}",result="(success|requeue_after)"\\} [1-9]`).test(text);
  return isDone('app') && isDone('certificate') ? text : undefined;
}

it('no key is told to anybody', async () => {
  await edge.secret('leaky', { ...first, key: second.key });
  await edge.app('leaky', [domain('leaky')]);
  await edge.says('leaky', /^CertificateInvalid/);
  await edge.secret('leaky', second);
  await edge.served('leaky', second, [host]);
  const copies = await edge.copies('leaky');
  const { items } = await edge.client.list<object>(events, { namespace: edge.name });
  const seen = [await edge.get('leaky'), ...items, ...copies.map((copy) => ({ ...copy, data: undefined }))];
  const told = [...edge.lines, ...seen.map((one) => JSON.stringify(one))].join('\n');
  expect(told).toContain('airfield.dev/copied-from');
  const inPem = pairs.flatMap(({ key }) => key.split('\n').filter((line) => line.length > 30 && !line.includes('--')));
  expect(inPem.length).toBeGreaterThan(2);
  const inBase64 = pairs.map(({ key }) => Buffer.from(key).toString('base64').slice(60, 120));
  for (const text of [...inPem, ...inBase64]) expect(told.includes(text)).toBe(false);
});
