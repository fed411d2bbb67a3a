import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, connect } from '../../src/kube/client.ts';
import { secrets } from '../../src/kube/resources.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { until } from '../cluster/exec.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { type Signed, secret, signed } from '../gate/certificates.ts';
import { ask, httpMachine } from '../gate/machines.ts';
import { namesOf } from '../gate/tls-clients.ts';
import { GateCluster } from './gate-cluster.ts';
import { GateProcess } from './gate-process.ts';

let server: ApiServer;
let client: Client;
let gate: GateProcess | undefined;

beforeAll(async () => {
  server = await startApiServer();
  client = await connect({ kubeConfigPath: server.kubeconfig });
});
afterAll(async () => {
  await gate?.stop();
  client?.close();
  await server?.stop();
});

it('a gate serves hosts with the certificates of its namespace, as they come, change and go', async () => {
  const cluster = await GateCluster.create(client, 'edge');
  const [edgeHttp = 0, edgeHttps = 0, internalPort = 0] = await freePorts(3);
  const web = { hosts: ['a.example'], internalPort, listenPort: undefined };
  await cluster.routes([cluster.route(0, web), cluster.route(0, { ...web, port: 443, tls: {} })]);
  await httpMachine(internalPort, ({ headers }, response) => response.end(headers['x-forwarded-proto']), '127.0.0.2');
  await cluster.pod('web-1', '127.0.0.2');
  const env = {
    AIRFIELD_GATE_NAMESPACE: 'edge',
    AIRFIELD_GATE_EDGE_HTTP: `${edgeHttp}`,
    AIRFIELD_GATE_EDGE_HTTPS: `${edgeHttps}`,
    AIRFIELD_GATE_CERTIFICATES_NAMESPACE: 'edge',
  };
  gate = await GateProcess.start({ kubeconfig: server.kubeconfig, ports: '1024-1999', env });
  const headers = { host: 'a.example' };
  expect(await ask(edgeHttp, { headers })).toMatchObject({ status: 200, body: 'http' });
  expect(gate.has('there is no certificate for a.example')).toBe(true);

  const served = () => namesOf(edgeHttps, { servername: 'a.example' });
  const write = (hosts: readonly string[], pair: Signed) => {
    const metadata = { namespace: 'edge', labels: { 'airfield.dev/certificate': '' } };
    return client.apply(secrets, secret('tls', hosts, pair, metadata), { fieldManager: 'test', force: true });
  };
  await write(['a.example'], await signed(['a.example']));
  await until('the certificate', async () => (await served()) === 'DNS:a.example');
  const secure = { servername: 'a.example' };
  expect(await ask(edgeHttps, { headers, secure })).toMatchObject({ status: 200, body: 'https' });

  const wild = await signed(['a.example', '*.example']);
  await write(['a.example'], wild);
  await until('the renewed one', async () => (await served()) === 'DNS:a.example, DNS:*.example');

  await write(['a.example'], { ...wild, cert: (await signed(['a.example'])).cert });
  await until('the problem', async () => gate?.has('tls.key is not the key of the first certificate') ?? false);
  await client.delete(secrets, { namespace: 'edge', name: 'tls' });
  await until('its end', async () => (await served()).startsWith('ERR_SSL'));
  expect(gate.lines.join('\n')).not.toContain('PRIVATE KEY');
});
