import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gate, route, until } from './gate.ts';
import { address, ask, httpMachine, talk, tcpMachine } from './machines.ts';

describe('the PROXY protocol', () => {
  it.each(['v1', 'v2'] as const)(
    '%s tells a machine who the client is, also one that is woken',
    async (proxyProtocol) => {
      const store = await route({ mode: 'tcp', proxyProtocol });
      const { serve } = await gate([store]);
      const heads: Buffer[] = [];
      await tcpMachine(store.internalPort, (socket) => {
        const parts: Buffer[] = [];
        socket.on('data', (part) => parts.push(part));
        socket.on('end', () => {
          if (parts.length === 0) return;
          heads.push(Buffer.concat(parts));
          socket.end();
        });
      });
      const { socket, said } = talk(store.listenPort, 'hello', { andEnd: true });
      const { localPort = 0 } = await new Promise<typeof socket>((resolve) =>
        socket.once('connect', () => resolve(socket)),
      );
      serve(store, { name: 'm-1' });
      await said;
      const v1 = Buffer.from(`PROXY TCP4 127.0.0.1 127.0.0.1 ${localPort} ${store.listenPort}\r\n`);
      const ports = Buffer.from([localPort >> 8, localPort & 255, store.listenPort >> 8, store.listenPort & 255]);
      const addresses = Buffer.from([127, 0, 0, 1, 127, 0, 0, 1]);
      const v2 = Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'), addresses, ports]);
      const head = proxyProtocol === 'v1' ? v1 : v2;
      expect(heads.map((bytes) => bytes.toString('latin1'))).toEqual([`${head.toString('latin1')}hello`]);
    },
  );
});

describe('a raw connection', () => {
  it('carries much in both directions at once, and each may end by itself', async () => {
    const store = await route({ mode: 'tcp' });
    const { serve } = await gate([store]);
    const [up, down] = [randomBytes(8_000_000), randomBytes(8_000_000)];
    const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
    const got: Buffer[] = [];
    await tcpMachine(store.internalPort, (socket) => {
      socket.on('data', (part) => got.push(part));
      socket.once('data', () => socket.write(down));
      socket.on('end', () => socket.end('end'));
    });
    serve(store, { name: 'm-1' });
    const said = await talk(store.listenPort, up, { andEnd: true }).said;
    expect(digest(Buffer.concat(got))).toBe(digest(up));
    expect(digest(Buffer.from(said, 'latin1'))).toBe(digest(Buffer.concat([down, Buffer.from('end')])));
  });
});

describe('a machine that leaves', () => {
  it('ends what it has, and gets nothing new', async () => {
    const store = await route({ mode: 'tcp' });
    const { plane, serve } = await gate([store]);
    for (const index of [1, 2]) {
      await tcpMachine(
        store.internalPort,
        (socket) => socket.on('data', (data) => socket.write(`${index}${data}`)).on('end', () => socket.end()),
        address(index),
      );
    }
    const [first, second] = [{ name: 'm-1' }, { name: 'm-2', address: address(2) }];
    serve(store, first);
    const old = talk(store.listenPort, 'a');
    let heard = '';
    old.socket.on('data', (part) => {
      heard += part;
    });
    await until(() => heard).toBe('1a');
    serve(store, { ...first, leaving: true }, second);
    await until(async () => (await plane.load()).machines.map(({ machine }) => machine)).toEqual(['m-1', 'm-2']);
    for (let index = 0; index < 5; index++) {
      const { socket } = talk(store.listenPort, 'b');
      expect(await new Promise((resolve) => socket.once('data', resolve))).toBe('2b');
    }
    // Gone from the cluster, but a client may not have read everything yet.
    serve(store, second);
    old.socket.write('c');
    await until(() => heard).toBe('1a1c');
    old.socket.end();
    await until(async () => (await plane.load()).machines.map(({ machine }) => machine)).toEqual(['m-2']);
  });

  it('is waited for when it comes back with another address', async () => {
    const web = await route();
    const { plane, serve } = await gate([web]);
    await httpMachine(web.internalPort, (_, response) => response.end('old'));
    serve(web, { name: 'm-0' });
    expect((await ask(web.listenPort)).body).toBe('old');
    serve(web, { name: 'm-0', address: address(2), ready: false });
    await until(async () => (await plane.load()).machines).toEqual([]);
    const answer = ask(web.listenPort);
    serve(web, { name: 'm-0', address: address(2) });
    await httpMachine(web.internalPort, (_, response) => response.end('new'), address(2));
    expect((await answer).body).toBe('new');
  });
});
