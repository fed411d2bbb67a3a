import { describe, expect, it } from 'vitest';
import { type EndingLoad, parseEnding } from '../../src/gate/ending-load.ts';
import { parseServers } from '../../src/gate/present-servers.ts';
import { Room } from '../../src/gate/room.ts';
import { type Present, serverCommands } from '../../src/gate/servers.ts';
import { ManualClock } from '../kube/time.ts';
import { route } from './gate.ts';

const address = '10.0.0.1:8080';
const one = { pid: 21, backend: 'a.web.80', id: '4', address, most: 2 };

describe('what a process that ends may still have', () => {
  const head = '# pxname,svname,qcur,scur,slim,iid,addr,';
  const answer = (isStopping: number, rows: readonly string[]) =>
    `Name: HAProxy\nStopping: ${isStopping}\n\n${head}\n${rows.join('\n')}\n\n`;

  it('is what it has and who waits in it, up to the limit that it had', () => {
    const rows = [
      'a.web.80,_newest,0,7,,4,unix,',
      'a.web.80,m-1,1,1,5,4,10.0.0.1:8080,',
      'a.web.80,m-2,0,1,2,4,[FD00::1]:8080,',
      'a.web.80,BACKEND,2,9,200,4,,',
      'a.mail.25,m-3,0,6,,5,10.0.0.3:25,',
      'a.mail.25,m-4,0,0,,5,10.0.0.4:25,',
      'a.mail.25,BACKEND,0,6,200,5,,',
    ];
    expect(parseEnding(21, answer(1, rows))).toEqual([
      { pid: 21, backend: 'a.web.80', id: '4', address: '10.0.0.1:8080', most: 4 },
      { pid: 21, backend: 'a.web.80', id: '4', address: '[fd00::1]:8080', most: 2 },
      { pid: 21, backend: 'a.mail.25', id: '5', address: '10.0.0.3:25', most: 6 },
    ]);
  });

  it('is not known before it has been told to end, nor where it does not answer', () => {
    expect(() => parseEnding(21, answer(0, []))).toThrow('should end');
    expect(() => parseEnding(21, '')).toThrow('should end');
  });
});

describe('the room of a machine', () => {
  /** A room whose looks give these answers, one after the other. */
  function room(answers: (readonly EndingLoad[] | Error)[], backends = new Map([['a.web.80', true]])) {
    const clock = new ManualClock();
    const asked: (readonly EndingLoad[] | undefined)[] = [];
    let changes = 0;
    const started = new Room({
      look: async (known) => {
        asked.push(known);
        const answer = answers[asked.length - 1] ?? [];
        if (answer instanceof Error) throw answer;
        return answer;
      },
      backends: () => backends,
      onChange: () => changes++,
      clock,
    });
    started.begin();
    return {
      pass: (ms: number) => clock.advance(ms),
      asked,
      changes: () => changes,
      left: (limit = 3) => started.left('a.web.80', address, limit),
    };
  }

  it('is not known before two looks, and is the lesser of both', async () => {
    const { left, pass, changes } = room([[one], [{ ...one, most: 1 }], [{ ...one, most: 1 }]]);
    await pass(0);
    expect([left(), changes()]).toEqual([0, 0]);
    await pass(20);
    expect([left(), left(1), changes()]).toEqual([1, 0, 1]);
    await pass(100);
    expect(left()).toBe(2);
  });

  it('is looked at until nothing is left, and only where something was', async () => {
    const other = { ...one, backend: 'a.other.80', most: 9 };
    const backends = new Map([
      ['a.web.80', true],
      ['a.other.80', false],
    ]);
    const { left, pass, asked } = room([[one, other], [one, other], [], []], backends);
    await pass(10_000);
    expect(left()).toBe(3);
    expect(asked).toEqual([undefined, undefined, [one, one], [one]]);
  });

  it('is not known where a look fails, and looked at again', async () => {
    const { left, pass } = room([new Error('HAProxy loads'), [], new Error('again'), []]);
    await pass(40);
    expect(left()).toBe(0);
    await pass(20);
    expect(left()).toBe(3);
  });

  it('is less by what all processes have, and by a backend that there is no more', async () => {
    const before = { ...one, pid: 22, backend: 'a.web.443', most: 1 };
    const { left, pass } = room([
      [one, before],
      [one, before],
    ]);
    await pass(20);
    expect([left(), left(10)]).toEqual([0, 7]);
  });

  it('is not asked for where nothing has a limit', async () => {
    const { pass, asked } = room([], new Map([['a.web.80', false]]));
    await pass(20);
    expect(asked).toEqual([]);
  });
});

describe('a server with a limit', async () => {
  const web = await route({ listenPort: 2000, internalPort: 8080, mode: 'tcp', concurrency: { hardLimit: 3 } });
  const id = 'acme.web.2000/m-1';
  const server = { name: 'm-1', address: '10.0.0.1', leaving: false };
  const waiting = { address: '10.0.0.1', port: 8080, state: 'maintenance', limit: 3 } as const;
  const ready = { ...waiting, state: 'ready' } as const;
  const limit = (number: number) => `set maxconn server ${id} ${number}`;

  it.each([
    ['comes where it is full', 0, undefined, [`add server ${id} 10.0.0.1:8080 maxconn 3`]],
    ['stays full', 0, waiting, []],
    ['gets its first room', 1, waiting, [`set server ${id} state drain`, `set server ${id} state ready`, limit(1)]],
    ['gets more', 2, { ...ready, limit: 1 }, [limit(2)]],
    ['is whole', 3, ready, []],
    ['is full after all', 0, ready, [`set server ${id} state maint`]],
  ] as const)('%s', (_, room, present, commands) => {
    const all = new Map<string, Present>(present && [['m-1', present]]);
    expect(serverCommands(web, [{ ...server, room }], all)).toEqual(commands);
  });

  it('is read with it, and is not in maintenance any more only because it began so', () => {
    const states = '3 acme.web.2000 1 m-1 10.0.0.1 2 4 1 1 0 1 0 0 0 0 0 0 - 8080 - 0 0 - - 0\n';
    const stats = '# pxname,svname,slim,\nacme.web.2000,m-1,2,\n';
    const all = parseServers(states, stats).get('acme.web.2000');
    expect(all?.get('m-1')).toEqual({ ...ready, limit: 2 });
  });
});
