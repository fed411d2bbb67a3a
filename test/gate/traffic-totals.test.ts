import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BackendTraffic, noTraffic, parseTraffic, trafficOf } from '../../src/gate/traffic.ts';
import { type Targets, TrafficTotals } from '../../src/gate/traffic-totals.ts';

const target = (app: string, port = 80) => ({ namespace: 'acme', app, port });
const targets: Targets = new Map([
  ['acme.web.1', target('web')],
  ['acme.api.2', target('api')],
]);
const answered = (requests: number): BackendTraffic => ({
  mode: 'http',
  traffic: trafficOf((one) => (one === '2xx' ? requests : 0)),
});
const requests = (totals: TrafficTotals, app = 'web') => totals.all().find((one) => one.app === app)?.traffic['2xx'];

/** What happens to the processes of a gate: the newest or one that ends carries something, one is looked at, one takes over, one exits. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('carry' as const), worker: fc.nat(5), more: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look' as const), worker: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('exit' as const), worker: fc.nat(5) }) },
);

describe('counts over many processes', () => {
  it('never go down, and are what all of them have carried', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const totals = new TrafficTotals();
        const running = new Map([['0', 0]]);
        totals.began('0', targets);
        let [number, carried, before] = [0, 0, 0];
        const look = (name: string) => totals.saw(name, new Map([['acme.web.1', answered(running.get(name) ?? 0)]]));
        for (const one of steps) {
          const name = [...running.keys()].at('worker' in one ? -1 - (one.worker % running.size) : -1) ?? '';
          if (one.do === 'carry') {
            running.set(name, (running.get(name) ?? 0) + one.more);
            carried += one.more;
          } else if (one.do === 'look') look(name);
          else if (one.do === 'reload') {
            totals.began(`${++number}`, targets);
            running.set(`${number}`, 0);
          } else if (name !== `${number}`) {
            look(name);
            totals.ended(name);
            running.delete(name);
          }
          expect(requests(totals)).toBeGreaterThanOrEqual(before);
          before = requests(totals) ?? 0;
        }
        for (const name of running.keys()) look(name);
        expect(requests(totals)).toBe(carried);
      }),
    );
  });

  it.each([
    ['nothing', [0, -1, 0]],
    ['something', [5, 4, 5]],
  ])('stay where a process that ends and has carried %s hands a request over', (_, seen) => {
    const totals = new TrafficTotals();
    totals.began('old', targets);
    totals.began('new', targets);
    // Of what is handed over it is counted first that it was, and then that there was something.
    for (const count of seen) totals.saw('old', new Map([['acme.web.1', answered(count)]]));
    expect(requests(totals)).toBe(seen[0]);
  });

  it('go on where a process is started anew under the same name', () => {
    const totals = new TrafficTotals();
    totals.began('one', targets);
    totals.saw('one', new Map([['acme.web.1', answered(10)]]));
    totals.saw('one', new Map([['acme.web.1', answered(3)]]));
    expect(requests(totals)).toBe(13);
  });

  it('begin at nothing for a port that is served, and end with the last process that serves it', () => {
    const totals = new TrafficTotals();
    totals.began('one', targets);
    expect(requests(totals, 'api')).toBe(0);
    totals.began('two', new Map([['acme.web.1', target('web')]]));
    expect(requests(totals, 'api')).toBe(0);
    totals.ended('one');
    expect(totals.all().map(({ app }) => app)).toEqual(['web']);
  });

  it('come with the times of the newest process, once it has some', () => {
    const totals = new TrafficTotals();
    const times = (total: number) => ({ queue: 0, connect: 0, response: 0, total });
    const saw = (worker: string, more: Partial<BackendTraffic>) =>
      totals.saw(worker, new Map([['acme.web.1', { ...answered(1), ...more }]]));
    const total = () => totals.all()[0]?.times?.total;
    totals.began('one', targets);
    expect(total()).toBeUndefined();
    saw('one', { times: times(1) });
    totals.began('two', targets);
    saw('two', {});
    expect(total()).toBe(1);
    saw('two', { times: times(2) });
    saw('one', { times: times(3) });
    expect(total()).toBe(2);
  });

  it('are of a port, whichever backend has it, and never of what nobody knows', () => {
    const totals = new TrafficTotals();
    totals.began('one', targets);
    totals.saw('one', new Map([['acme.web.1', answered(2)]]));
    totals.began('two', new Map([['acme.web.9', target('web')]]));
    totals.saw(
      'two',
      new Map([
        ['acme.web.9', answered(5)],
        ['acme.gone.3', answered(5)],
      ]),
    );
    totals.saw('nobody', new Map([['acme.web.1', answered(100)]]));
    expect(requests(totals)).toBe(7);
    expect(totals.all()).toHaveLength(2);
  });
});

describe('what HAProxy says of a backend', () => {
  const columns =
    'pxname,svname,stot,bin,bout,econ,eresp,wretr,cli_abrt,hrsp_2xx,hrsp_5xx,qtime,ctime,rtime,ttime,mode';
  const answer = (...rows: string[]) => `# ${columns},\n${rows.map((row) => `${row},\n`).join('')}\n`;

  it('is read, but for what is no route', () => {
    const read = parseTraffic(
      answer(
        'acme.web.1,m-1,9,100,200,0,0,0,0,9,0,1,2,3,6,http',
        'acme.web.1,BACKEND,10,110,220,1,2,3,4,9,1,1,2,3,1500,http',
        'edge-tls,BACKEND,10,110,220,1,2,3,4,9,1,1,2,3,6,tcp',
      ),
    );
    expect([...read]).toEqual([
      [
        'acme.web.1',
        {
          mode: 'http',
          times: { queue: 0.001, connect: 0.002, response: 0.003, total: 1.5 },
          traffic: {
            ...noTraffic,
            '2xx': 9,
            '5xx': 1,
            connect: 1,
            response: 2,
            retry: 3,
            client: 4,
            connections: 10,
            received: 110,
            sent: 220,
          },
        },
      ],
    ]);
  });

  it('does not count what another process is given to count', () => {
    const read = parseTraffic(
      answer(
        'acme.web.1,_newest,4,40,80,0,0,0,0,4,0,0,0,0,0,http',
        'acme.web.1,BACKEND,10,110,220,0,0,0,0,9,1,0,0,0,0,http',
      ),
    );
    expect(read.get('acme.web.1')?.traffic).toMatchObject({
      '2xx': 5,
      '5xx': 1,
      connections: 6,
      received: 70,
      sent: 140,
    });
  });

  it('has no times where there has been nothing', () => {
    const read = parseTraffic(answer('acme.web.1,BACKEND,0,0,0,0,0,0,0,0,0,0,0,0,0,tcp'));
    expect(read.get('acme.web.1')).toEqual({ mode: 'tcp', traffic: noTraffic });
  });
});
