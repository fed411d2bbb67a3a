import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GateClient } from '../../src/gate-client/gate-client.ts';
import { aRoute } from '../scaling/group-fixture.ts';
import { FakeGate, token } from './fake-gate.ts';

const signal = new AbortController().signal;
const machine = { namespace: 'acme', name: 'web-1', seconds: 10 };

function clientOf(port: number, given: string | undefined = token): GateClient {
  const client = new GateClient({ token: given, port });
  onTestFinished(() => client.close());
  return client;
}

/** Something at the port of a gate that is none. */
async function answering(listener: RequestListener): Promise<GateClient> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return clientOf((server.address() as AddressInfo).port);
}
const load = (client: GateClient, until = signal) => client.load('127.0.0.1', until);

describe('a gate that is asked', () => {
  it('says its load', async () => {
    const gate = await FakeGate.start('127.0.0.1', 0, aRoute([]));
    gate.loads.set('web-1', { current: 3 });
    expect(await load(clientOf(gate.port))).toEqual([
      aRoute([{ machine: 'web-1', current: 3, queued: 0, leaving: false }]),
    ]);
  });

  it('gives a machine nothing new for whoever knows its token', async () => {
    const gate = await FakeGate.start('127.0.0.1', 0, aRoute([]));
    const answer = { leaving: true, current: 0, queued: 0, held: 0 };
    expect(await clientOf(gate.port).drain('127.0.0.1', machine, signal)).toEqual(answer);
    expect(gate.asked).toEqual(['web-1 10']);
    const stranger = clientOf(gate.port, 'another-token-here').drain('127.0.0.1', machine, signal);
    await expect(stranger).rejects.toThrow('it answered 401');
  });
});

describe('what is no answer', () => {
  it.each<[string, RequestListener, string]>([
    ['an error', (_, response) => response.writeHead(503).end('{"problem":"x"}'), 'it answered 503'],
    ['no JSON', (_, response) => response.end('<html>'), 'is not valid JSON'],
    ['other JSON', (_, response) => response.end('{"routes":[{}]}'), 'it answered something else: routes.0'],
    [
      'a connection that breaks',
      (_, response) => response.writeHead(200).write('{', () => response.destroy()),
      'abort',
    ],
    ['more than anybody has to say', (_, response) => response.end(Buffer.alloc(17 << 20, ' ')), 'more than 16777216'],
  ])('%s', async (_, listener, problem) => {
    await expect(load(await answering(listener))).rejects.toThrow(problem);
  });

  it('nobody who listens', async () => {
    const gate = await FakeGate.start('127.0.0.1', 0, aRoute([]));
    const client = clientOf(gate.port);
    await gate.stop();
    await expect(load(client)).rejects.toThrow('ECONNREFUSED');
  });

  it('silence, which is given up with what it is asked for', async () => {
    const ended = new AbortController();
    const client = await answering(() => ended.abort(new Error('the operator stops')));
    await expect(load(client, ended.signal)).rejects.toThrow('abort');
  });

  it('silence, which is not waited for', async () => {
    await expect(load(await answering(() => {}))).rejects.toThrow('abort');
  });
});
