import { Agent, type RequestListener } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { routeName } from '../../src/gate/route-name.ts';
import { gate, route, until } from './gate.ts';
import { address, ask, httpMachine, talk } from './machines.ts';

/** A machine that says in JSON what it has been asked. */
const echo = ({ internalPort }: Route, answered: Record<string, string> = {}) =>
  httpMachine(internalPort, ({ headers, url, method }, response) => {
    response.writeHead(200, answered).end(JSON.stringify({ headers, url, method }));
  });
const heard = async (answer: Promise<{ body: string }>) => JSON.parse((await answer).body).headers;

describe('the headers of a request', () => {
  it('say who the client is, whatever it says itself', async () => {
    const web = await route({ port: 8443 });
    const { serve } = await gate([web]);
    await echo(web);
    serve(web, { name: 'm-1' });
    const lies = [
      'Fly-Client-IP',
      'Fly-Forwarded-Port',
      'Fly-Region',
      'Fly-Request-Id',
      'X-Forwarded-For',
      'X-Forwarded-Proto',
    ];
    lies.push(
      'X-Forwarded-Port',
      'X-Forwarded-SSL',
      'fly_client_ip',
      'X_Forwarded-For',
      'x_forwarded_proto',
      'FLY_REQUEST_ID',
    );
    const headers = Object.fromEntries(lies.map((name) => [name, 'https']));
    const got = await heard(
      ask(web.listenPort, { headers: { ...headers, 'X-Forwarded-Host': 'h', 'X-Mine': 'kept' } }),
    );
    expect(got).toEqual({
      host: expect.any(String),
      'fly-client-ip': '127.0.0.1',
      'fly-forwarded-port': '8443',
      'fly-region': 'fra',
      'fly-request-id': expect.stringMatching(/^[0-9A-F]{26}-fra$/),
      via: '1.1 airfield',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'h',
      'x-forwarded-port': '8443',
      'x-forwarded-proto': 'http',
      'x-forwarded-ssl': 'off',
      'x-mine': 'kept',
    });
  });

  it('take over what an ingress says that is trusted', async () => {
    const web = await route();
    const { serve } = await gate([web], { trustedNetworks: ['10.0.0.0/8', '127.0.0.0/8'] });
    await echo(web);
    serve(web, { name: 'm-1' });
    const said = { 'X-Forwarded-For': '6.6.6.6, 9.9.9.9', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '443' };
    expect(await heard(ask(web.listenPort, { headers: said }))).toMatchObject({
      'fly-client-ip': '9.9.9.9',
      'fly-forwarded-port': '443',
      'x-forwarded-for': '6.6.6.6, 9.9.9.9, 127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      'x-forwarded-ssl': 'on',
    });
    const odd = { 'X-Forwarded-For': 'nobody', 'X-Forwarded-Proto': 'gopher', 'X-Forwarded-Port': 'x"; evil' };
    expect(await heard(ask(web.listenPort, { headers: odd }))).toMatchObject({
      'fly-client-ip': '127.0.0.1',
      'fly-forwarded-port': '80',
      'x-forwarded-port': '80',
      'x-forwarded-proto': 'http',
    });
  });
});

describe('the headers of an answer', () => {
  it('are those of the App and those of the gate, with one id for both sides', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    await echo(web, { server: 'mine', via: '1.1 inner' });
    serve(web, { name: 'm-1' });
    const { headers, body } = await ask(web.listenPort);
    expect(headers).toMatchObject({ server: 'airfield', via: '1.1 inner, 1.1 airfield' });
    expect(headers['fly-request-id']).toBe(JSON.parse(body).headers['fly-request-id']);
  });

  it('are changed as the route says, with every character as it is', async () => {
    const strange = `it's "quoted" $HOME %[src] %% \\ # ; { } \`x\``;
    const responseHeaders = {
      'X-Strange': [strange],
      Server: ['my server'],
      'Set-Cookie': ['a=1', 'b=2'],
      'X-Gone': [],
    };
    const web = await route({ http: { responseHeaders } });
    const { serve } = await gate([web]);
    await echo(web, { 'x-gone': 'here', 'x-strange': 'app' });
    serve(web, { name: 'm-1' });
    const { headers } = await ask(web.listenPort);
    expect(headers).toMatchObject({ 'x-strange': strange, server: 'my server', 'set-cookie': ['a=1', 'b=2'] });
    expect(headers).not.toHaveProperty('x-gone');
  });

  it('may ask for what the gate does not do: the client sees it', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    await echo(web, { 'fly-replay': 'region=ams;state=x' });
    serve(web, { name: 'm-1' });
    const { status, headers } = await ask(web.listenPort);
    expect({ status, replay: headers['fly-replay'] }).toEqual({ status: 200, replay: 'region=ams;state=x' });
  });

  it('are untouched in a pristine answer', async () => {
    const web = await route({ http: { pristine: true } });
    const { serve } = await gate([web]);
    await echo(web, { server: 'mine' });
    serve(web, { name: 'm-1' });
    const { headers } = await ask(web.listenPort);
    expect(headers).toMatchObject({ server: 'mine' });
    expect(headers).not.toHaveProperty('via');
    expect(headers).not.toHaveProperty('fly-request-id');
  });

  it('have room beside the largest that the App and its route may have', async () => {
    const responseHeaders = { 'X-Large': ['x'.repeat(4000)] };
    const web = await route({ http: { responseHeaders } });
    const { serve } = await gate([web]);
    await echo(web, { 'x-own': 'y'.repeat(14_000) });
    serve(web, { name: 'm-1' });
    const { status, headers } = await ask(web.listenPort, { headers: { 'x-mine': 'z'.repeat(14_000) } });
    expect({ status, large: headers['x-large']?.length, own: headers['x-own']?.length }).toEqual({
      status: 200,
      large: 4000,
      own: 14_000,
    });
  });

  it('say how an answer is compressed', async () => {
    const web = await route({ http: { compress: true } });
    const { serve } = await gate([web]);
    await echo(web, { 'content-type': 'application/json' });
    serve(web, { name: 'm-1' });
    const headers = { 'accept-encoding': 'gzip' };
    expect((await ask(web.listenPort, { headers })).headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect((await ask(web.listenPort)).headers).not.toHaveProperty('content-encoding');
  });
});

it('forceHttps leads to https without waking anybody', async () => {
  const web = await route({ http: { forceHttps: true } });
  const { serve, wakes } = await gate([web], { trustedNetworks: ['127.0.0.0/8'] });
  const headers = { host: 'hello.example' };
  const moved = { status: 301, headers: { location: 'https://hello.example/a?b=c' } };
  expect(await ask(web.listenPort, { path: '/a?b=c', headers })).toMatchObject(moved);
  expect(wakes).toEqual([]);
  await echo(web);
  serve(web, { name: 'm-1' });
  expect(await ask(web.listenPort, { headers: { 'X-Forwarded-Proto': 'https' } })).toMatchObject({ status: 200 });
});

describe('a request for a machine of its choice', () => {
  it('gets that one, or is told that it is not there', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    const names = ['m-1', 'm-2', 'm-3'];
    for (const [index, name] of names.entries()) {
      await httpMachine(
        web.internalPort,
        ({ headers }, response) =>
          response.end(`${name} ${headers['fly-preferred-instance-unavailable'] ?? ''}`.trim()),
        address(index + 1),
      );
    }
    const machines = names.map((name, index) => ({ name, address: address(index + 1) }));
    serve(web, ...machines.map((machine) => ({ ...machine, leaving: machine.name === 'm-3' })));
    const forced = (id: string) => ask(web.listenPort, { headers: { 'fly-force-instance-id': id } });
    const preferred = (id: string) => ask(web.listenPort, { headers: { 'fly-prefer-instance-id': id } });
    await until(async () => (await forced('m-2')).status).toBe(200);
    for (const name of ['m-1', 'm-2']) {
      for (const answer of [forced(name), preferred(name)]) expect(await answer).toMatchObject({ body: name });
    }
    for (const name of ['m-3', 'm-4', '_any', '"; x', '']) {
      expect(await forced(name)).toMatchObject({ status: 503 });
    }
    expect((await preferred('m-9')).body).toMatch(/^m-[12] m-9$/);
  });
});

describe('a request for a region', () => {
  it('goes to a machine there, where there is one, and to the one with the least to do', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    const regions = ['fra', 'iad', 'iad', 'ord'];
    const machines = regions.map((region, index) => ({ name: `m-${index}`, region, address: `127.0.0.${index + 2}` }));
    const busy: (() => void)[] = [];
    for (const { name, address } of machines) {
      const later: RequestListener = (_, response) => void busy.push(() => response.end(name));
      const atOnce: RequestListener = (_, response) => response.end(name);
      const answer: RequestListener = (...asked) => (asked[0].url === '/long' ? later : atOnce)(...asked);
      await httpMachine(web.internalPort, answer, address);
    }
    serve(web, ...machines.map((machine) => ({ ...machine, leaving: machine.region === 'ord' })));
    const asked = (kind: string, region: string, path = '/') =>
      ask(web.listenPort, { path, headers: { [`fly-${kind}-region`]: region } });
    await until(async () => (await asked('force', 'fra')).body).toBe('m-0');
    await until(async () => (await asked('force', 'iad')).body).toBe('m-1');
    const long = asked('force', 'iad', '/long');
    await until(() => busy).toHaveLength(1);
    await until(async () => (await asked('prefer', 'iad')).body).toBe('m-2');
    busy[0]?.();
    expect((await long).body).toBe('m-1');
    for (const region of ['ord', 'lhr', '"; x', 'a b', '']) {
      expect((await asked('prefer', region)).body).toMatch(/^m-[012]$/);
      expect(await asked('force', region)).toMatchObject({ status: 503, body: expect.stringContaining('region') });
    }
  });
});

it('connections to a machine are kept, however it has come', async () => {
  const web = await route();
  const { plane, serve, wakes } = await gate([web]);
  const server = await httpMachine(web.internalPort, (_, response) => response.end());
  let connections = 0;
  server.on('connection', () => connections++);
  const first = ask(web.listenPort);
  await until(() => wakes).toHaveLength(1);
  serve(web, { name: 'm-1' });
  await first;
  const many = async () => {
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    connections = 0;
    for (let index = 0; index < 20; index++) await ask(web.listenPort, { agent });
    return connections;
  };
  expect(await many()).toBe(1);
  await plane.setRoutes([web, await route({ app: 'added' })]);
  expect(await many()).toBe(1);
});

describe('other protocols', () => {
  it('WebSocket goes through', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    const server = await httpMachine(web.internalPort, (_, response) => response.end());
    server.on('upgrade', (_, socket) => {
      const accept = 'sec-websocket-accept: PE4lKCy6wBiYa7MVpKt1rqm6YVc=';
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n${accept}\r\n\r\n`,
      );
      socket.on('data', (data: Buffer) => socket.end(`echo ${data}`));
    });
    serve(web, { name: 'm-1' });
    const upgrade = 'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
    const { socket, said } = talk(web.listenPort, `${upgrade}sec-websocket-key: eHh4eHh4eHh4eHh4eHh4eA==\r\n\r\n`);
    socket.once('data', () => socket.write('hi'));
    expect(await said).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\necho hi$/);
  });

  it('events come as they are sent', async () => {
    const web = await route({ http: { compress: true } });
    const { serve } = await gate([web]);
    let next = () => {};
    await httpMachine(web.internalPort, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      next = () => response.end('data: 2\n\n');
    });
    serve(web, { name: 'm-1' });
    const { socket, said } = talk(web.listenPort, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    let got = '';
    socket.on('data', (part) => {
      got += part;
    });
    await until(() => got).toContain('data: 1');
    next();
    expect(await said).toContain('data: 2');
  });

  it('HTTP/2 without TLS from clients, to a machine that speaks HTTP/1.1', async () => {
    const web = await route();
    const { serve } = await gate([web]);
    await echo(web);
    serve(web, { name: 'm-1' });
    const client = connectHttp2(`http://${address(1)}:${web.listenPort}`);
    onTestFinished(() => client.destroy());
    const stream = client.request({ ':path': '/two', 'fly-client-ip': '6.6.6.6' });
    let body = '';
    stream.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    await new Promise((resolve) => stream.once('end', resolve));
    expect(JSON.parse(body)).toMatchObject({
      url: '/two',
      headers: { via: '2.0 airfield', 'fly-client-ip': '127.0.0.1' },
    });
  });

  it('gRPC: HTTP/2 to the machine, with trailers', async () => {
    const grpc = await route({ http: { h2Backend: true } });
    const { plane, serve } = await gate([grpc]);
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.on('data', (data: Buffer) => stream.write(data)).on('end', () => stream.end());
    });
    await new Promise<void>((resolve) => server.listen(grpc.internalPort, address(1), resolve));
    onTestFinished(() => void server.close());
    const client = connectHttp2(`http://${address(1)}:${grpc.listenPort}`);
    onTestFinished(() => client.destroy());
    const stream = client.request({ ':method': 'POST', ':path': '/x.Y/Z', te: 'trailers' });
    let trailers: IncomingHttpHeaders = {};
    stream.once('trailers', (headers: IncomingHttpHeaders) => {
      trailers = headers;
    });
    stream.end('message');
    await until(() => plane.held().get(routeName(grpc))).toBe(1);
    serve(grpc, { name: 'm-1' });
    let body = '';
    for await (const part of stream) body += part;
    expect({ body, trailers }).toMatchObject({ body: 'message', trailers: { 'grpc-status': '0' } });
  });
});
