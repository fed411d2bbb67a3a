// `helm test`: whether what the chart has installed works. Runs in a pod, and says what does not.
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
const api = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Every pod behind a Service without an address, each asked by itself. */
async function areReady(service, port) {
  const addresses = await lookup(service, { all: true });
  for (const { address, family } of addresses) {
    const at = family === 6 ? `[${address}]` : address;
    const answer = await fetch(`http://${at}:${port}/readyz`, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`${at} is not ready: ${(await answer.text()).trim()}`);
  }
  return `${addresses.length} ready`;
}

/** Kinds that the API server serves; any service account may ask for them. */
async function kinds() {
  const headers = { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}` };
  const answer = await fetch(`${api}/apis/airfield.dev/v1alpha1`, { headers, signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`the API server does not know airfield.dev/v1alpha1: are the CRDs installed?`);
  const names = (await answer.json()).resources.map(({ kind }) => kind);
  const missing = ['App', 'Machine', 'Secret', 'Schedule'].filter((kind) => !names.includes(kind));
  if (missing.length > 0) throw new Error(`the API server does not know the kinds ${missing.join(', ')}`);
  return 'App, Machine, Secret, Schedule';
}

const checks = { 'kinds of airfield.dev': kinds };
// There is no file before the arguments: this is given to `node --eval`.
for (const place of process.argv.slice(1)) checks[place] = () => areReady(...place.split(':'));
for (const [name, check] of Object.entries(checks)) {
  try {
    console.log(`ok      ${name}: ${await check()}`);
  } catch (error) {
    console.log(`FAILED  ${name}: ${error.cause?.message ?? error.message}`);
    process.exitCode = 1;
  }
}
