import { describe, expect, it } from 'vitest';
import { pause } from '../../src/gate/dial.ts';
import { Held } from '../../src/gate/held.ts';
import { parseLoad } from '../../src/gate/load.ts';
import { MachinePool } from '../../src/gate/machine-pool.ts';
import { parseServers } from '../../src/gate/present-servers.ts';
import { parseProcesses } from '../../src/gate/processes.ts';
import { type Present, serverCommands } from '../../src/gate/servers.ts';
import { route } from './gate.ts';

const ready = { address: '127.0.0.1', port: 8080, state: 'ready' } as const;
const server = { name: 'm-1', address: '127.0.0.1', leaving: false };

describe('the commands that make servers what they should be', async () => {
  const web = await route({
    listenPort: 2000,
    internalPort: 8080,
    concurrency: { hardLimit: 3 },
    mode: 'tcp',
    proxyProtocol: 'v2',
  });
  const id = 'acme.web.2000/m-1';
  const opened = [`set server ${id} state drain`, `set server ${id} state ready`, `set maxconn server ${id} 3`];

  it.each([
    ['nothing where they are', [server], [['m-1', ready]], []],
    ['a new one', [server], [], [`add server ${id} 127.0.0.1:8080 maxconn 3 send-proxy-v2`, ...opened]],
    ['one that leaves', [{ ...server, leaving: true }], [['m-1', ready]], [`set server ${id} state drain`]],
    ['one that leaves before it has come', [{ ...server, leaving: true }], [], []],
    ['one that stays after all', [server], [['m-1', { ...ready, state: 'drain' }]], opened.slice(1)],
    ['one that is gone', [], [['m-1', ready]], [`set server ${id} state maint`, `del server ${id}`]],
    ['one that is still in use', [], [['m-1', { ...ready, state: 'maintenance' }]], [`del server ${id}`]],
    [
      'one that has moved',
      [{ ...server, address: 'FD00::1' }],
      [['m-1', ready]],
      [`set server ${id} state maint`, `set server ${id} addr FD00::1 port 8080`, ...opened],
    ],
    [
      'an address in other letters',
      [{ ...server, address: 'FD00::1' }],
      [['m-1', { ...ready, address: 'fd00::1' }]],
      [],
    ],
  ] as const)('%s', (_, wanted, present, commands) => {
    expect(serverCommands(web, wanted, new Map<string, Present>(present))).toEqual(commands);
  });
});

it('the servers that HAProxy says it has', () => {
  const line = (name: string, admin: number) =>
    `3 acme.web.2000 1 ${name} 10.0.0.1 2 ${admin} 1 1 0 1 0 0 0 0 0 0 - 8080 - 0 0 - - 0`;
  const answer = `New server registered.\n\n1\n# be_id be_name srv_id\n${line('a', 0)}\n${line('b', 1)}\n${line('c', 8)}\n${line('_any', 0)}\n\n`;
  const present = { address: '10.0.0.1', port: 8080 };
  expect(parseServers(answer, '').get('acme.web.2000')).toEqual(
    new Map([
      ['a', { ...present, state: 'ready' }],
      ['b', { ...present, state: 'maintenance' }],
      ['c', { ...present, state: 'drain' }],
    ]),
  );
});

it('load is added up over processes', () => {
  const head = '# pxname,svname,qcur,scur,lastsess,type,\n';
  const one = `${head}a.r.1,m-1,1,2,30,2,\na.r.1,_any,0,9,1,2,\na.r.1,BACKEND,4,2,30,1,\nedge-tls,edge,0,1,1,2,\nedge-tls,BACKEND,0,1,1,1,\n\n`;
  const other = `${head}a.r.1,m-1,0,5,-1,2,\na.r.1,m-2,0,0,-1,2,\na.r.1,BACKEND,1,5,-1,1,\n\n`;
  expect(parseLoad([one, other, ''])).toEqual({
    machines: [
      { route: 'a.r.1', machine: 'm-1', current: 7, queued: 1, lastBeganSeconds: 30 },
      { route: 'a.r.1', machine: 'm-2', current: 0, queued: 0 },
    ],
    routes: [{ route: 'a.r.1', queued: 5 }],
  });
});

it('the processes of HAProxy', () => {
  const answer = `#<PID>          <type>          <reloads>
20    master          2 [failed: 1]   0d00h00m03s     2.6.12
# workers
30    worker          0               0d00h00m00s     2.6.12
# old workers
21    worker          2               0d00h00m03s     2.6.12
25    worker          1               0d00h00m03s     2.6.12
# programs
`;
  expect(parseProcesses(answer)).toEqual({ ending: [21, 25], failedReloads: 1 });
});

it('who waits is bounded in each route and in all', () => {
  const held = new Held<string>(3);
  expect([held.add('a', '1', 2), held.add('a', '2', 2), held.add('a', '3', 2)]).toEqual([true, true, false]);
  expect([held.add('b', '1', 2), held.add('b', '2', 2)]).toEqual([true, false]);
  expect([held.delete('a', '1'), held.delete('a', '1'), held.add('b', '2', 2)]).toEqual([true, false, true]);
  expect(held.counts()).toEqual(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
});

it('a machine is dialled often at first and ever less', () => {
  expect([0, 4999, 5000, 59_999, 60_000].map(pause)).toEqual([25, 25, 50, 50, 250]);
});

describe('the machines of a route', () => {
  const machine = { name: 'm-1', address: '10.0.0.1', ready: true, leaving: false };
  const pool = () => {
    const dials: { address: string; signal: AbortSignal; answer: (isUp: boolean) => void }[] = [];
    const machines = new MachinePool({
      onChange: () => {},
      dial: (address, _, { signal }) => new Promise((answer) => dials.push({ address, signal, answer })),
    });
    return { machines, dials };
  };

  it('are dialled again when they are to answer on another port', async () => {
    const { machines, dials } = pool();
    machines.set('r', 80, [machine]);
    dials[0]?.answer(true);
    await Promise.resolve();
    await Promise.resolve();
    machines.set('r', 80, [machine]);
    expect([machines.servers('r').length, dials.length]).toEqual([1, 1]);
    machines.set('r', 81, [machine]);
    expect([machines.servers('r').length, dials.length]).toEqual([0, 2]);
  });

  it('serve once they have answered, until they are not ready or gone', async () => {
    const { machines, dials } = pool();
    machines.set('r', 80, [machine]);
    expect([machines.servers('r'), machines.isExpected('r')]).toEqual([[], true]);
    dials[0]?.answer(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(machines.servers('r')).toEqual([{ name: 'm-1', address: '10.0.0.1', leaving: false }]);
    machines.set('r', 80, [{ ...machine, leaving: true }]);
    expect([machines.servers('r')[0]?.leaving, machines.isExpected('r')]).toEqual([true, false]);
    machines.set('r', 80, [{ ...machine, ready: false }]);
    expect(machines.servers('r')).toEqual([]);
    machines.set('r', 80, [machine]);
    expect(dials).toHaveLength(2);
  });

  it('are dialled once, and no longer than they are there', () => {
    const { machines, dials } = pool();
    machines.set('r', 80, [machine]);
    machines.set('r', 80, [machine]);
    expect(dials).toHaveLength(1);
    machines.set('r', 80, [{ ...machine, address: '10.0.0.2' }]);
    expect(dials.map(({ address, signal }) => [address, signal.aborted])).toEqual([
      ['10.0.0.1', true],
      ['10.0.0.2', false],
    ]);
    machines.set('r', 80, []);
    expect(dials[1]?.signal.aborted).toBe(true);
  });

  it('have names and addresses that HAProxy can be told', () => {
    const { machines, dials } = pool();
    machines.set('r', 80, [
      { ...machine, name: 'm-1;shutdown sessions' },
      { ...machine, name: '_any' },
      { ...machine, name: 'm-2', address: '10.0.0.1 ssl' },
      { ...machine, name: 'm-3', address: 'example.com' },
    ]);
    expect(dials).toEqual([]);
  });
});
