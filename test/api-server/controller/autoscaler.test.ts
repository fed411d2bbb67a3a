import { describe, expect, it } from 'vitest';
import { ScaledApp } from './scaled-app.ts';

/** The autoscaler of these tests stops what has been too many for 30 s; it looks every 5 s, and first after 5 s. */
const untilDecided = 35;

describe('machines that have nothing to do', () => {
  it('are stopped one after the other, those with the least to do first, down to none', async () => {
    const app = await ScaledApp.create();
    const [one, two] = [await app.gate(2), await app.gate(3)];
    await app.machines(2);
    one.loads.set('web-app-0', { current: 1 }).set('web-app-1', {});
    two.loads.set('web-app-0', {}).set('web-app-1', { current: 3 });
    app.keep();
    await app.pass(untilDecided);
    // The gates are told at one look, and the scale is lowered at a later one.
    expect([one.asked, two.asked]).toEqual([['web-app-0 30'], ['web-app-0 30']]);
    expect(Number(await app.cost('web-app-0'))).toBeLessThan(0);
    await app.clock.look();
    expect(await app.replicas()).toBe(2);
    one.loads.set('web-app-0', {});
    await app.clock.look();
    expect(await app.replicas()).toBe(1);
    await app.deletePod('web-app-0');
    await app.clock.look();
    expect([...one.drained, ...two.drained]).toEqual([]);
    two.loads.set('web-app-1', {});
    await app.pass(untilDecided);
    await app.clock.look();
    expect(await app.replicas()).toBe(0);
    expect(app.events).toEqual([
      'Stopped: stopped web-app-0 of app: fewer have been enough for 30s, 1 of 3 run',
      'Stopped: stopped web-app-1 of app: nothing to do for 30s, 0 of 3 run',
    ]);
    const text = await app.metrics.text();
    expect(text).toContain('airfield_autoscaler_stops_total{reason="excess"} 1');
    expect(text).toContain('airfield_autoscaler_stops_total{reason="idle"} 1');
  });

  it('are not stopped below the minimum', async () => {
    const app = await ScaledApp.create({ min: 1 });
    const gate = await app.gate(2);
    await app.machines(1);
    app.keep();
    await app.pass(60);
    expect([gate.asked, await app.replicas()]).toEqual([[], 1]);
  });

  it('are those with the highest numbers where they have volumes, and the next one of that name serves', async () => {
    const app = await ScaledApp.create({ kind: 'StatefulSet' });
    const gate = await app.gate(2);
    await app.machines(2);
    gate.loads.set('web-app-1', { current: 3 });
    app.keep();
    await app.pass(untilDecided);
    gate.loads.clear();
    await app.clock.look();
    expect(await app.replicas()).toBe(1);
    expect(await app.cost('web-app-1')).toBeUndefined();
    await app.deletePod('web-app-1');
    await app.machine('web-app-1');
    await app.clock.look();
    expect(gate.asked.at(-1)).toBe('web-app-1 0');
  });

  it('are not stopped while a release is on its way', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(2);
    app.keep('rollout');
    await app.pass(60);
    expect(gate.asked).toEqual([]);
    app.keep('complete');
    await app.pass(untilDecided - 5);
    app.keep('rollout');
    await app.clock.look();
    expect([await app.replicas(), [...gate.drained], await app.cost('web-app-0')]).toEqual([2, [], undefined]);
  });
});

describe('machines that have too much to do', () => {
  it('are joined by others, up to count', async () => {
    const app = await ScaledApp.create({ count: 2 });
    const gate = await app.gate(2);
    await app.machines(1);
    gate.loads.set('web-app-0', { current: 20 });
    app.keep();
    await app.clock.look();
    expect(await app.replicas()).toBe(2);
    await app.seenReplicas(2);
    await app.machine('web-app-1');
    gate.loads.set('web-app-1', { current: 20 });
    await app.pass(60);
    expect(await app.replicas()).toBe(2);
    const why = 'all running ones are over the soft limit of 20 requests';
    expect(app.events).toEqual([`Started: started machine 2 of 2 of app: ${why}`]);
    expect(await app.metrics.text()).toContain('airfield_autoscaler_starts_total{reason="soft_limit"} 1');
  });
});

describe('a machine that a gate has started', () => {
  it.each([
    ['somebody waits for it', 1, {}],
    ['it has just served somebody', 0, { lastBeganSeconds: 1 }],
  ])('is told where %s', async (_, held, load) => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    app.keep();
    await app.machines(1);
    gate.held = held;
    gate.loads.set('web-app-0', load);
    await app.clock.look();
    expect(app.events).toEqual(['Started: started machine 1 of 3 of app: a request waited for it']);
    expect(await app.metrics.text()).toContain('airfield_autoscaler_starts_total{reason="request"} 1');
    await app.clock.look();
    expect(app.events).toHaveLength(1);
  });

  it('is told at the next look where it was started after the gates were asked', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(1);
    app.keep();
    await app.pass(untilDecided);
    await app.clock.look();
    await app.seenReplicas(0);
    await app.deletePod('web-app-0');
    gate.onLook = () => app.scale(1, 'airfield-gate');
    gate.held = 1;
    await app.clock.look();
    gate.onLook = () => {};
    await app.clock.look();
    expect(app.events.at(-1)).toBe('Started: started machine 1 of 3 of app: a request waited for it');
  });

  it('is told where the gate that has started it did not answer at once', async () => {
    const app = await ScaledApp.create();
    const [gate] = [await app.gate(2), await app.gate(3)];
    app.keep();
    await app.machines(1);
    gate.onLook = () => Promise.reject(new Error('busy'));
    await app.clock.look();
    expect(app.events).toEqual([]);
    gate.onLook = () => {};
    gate.held = 1;
    await app.clock.look();
    expect(app.events).toEqual(['Started: started machine 1 of 3 of app: a request waited for it']);
  });

  it('is not told where somebody else has started it', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    app.keep();
    await app.machines(1);
    await app.clock.look();
    gate.held = 1;
    await app.clock.look();
    expect(app.events).toEqual([]);
  });
});

describe('what comes in between', () => {
  it('a request that waits has the last machine serve again', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(1);
    gate.loads.set('web-app-0', {});
    app.keep();
    await app.pass(untilDecided);
    gate.held = 1;
    await app.clock.look();
    expect([await app.replicas(), [...gate.drained]]).toEqual([1, []]);
    gate.held = 0;
    await app.pass(30);
    expect([...gate.drained]).toEqual([]);
    await app.pass(10);
    expect(await app.replicas()).toBe(0);
  });

  it('a request that comes after the gates were asked wakes the next machine, and nobody undoes that', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(1);
    app.keep();
    await app.pass(untilDecided);
    await app.clock.look();
    await app.seenReplicas(0);
    gate.held = 1;
    await app.scale(1, 'airfield-gate');
    await app.clock.look();
    expect(await app.replicas()).toBe(1);
    expect(app.events.at(-1)).toBe('Started: started machine 1 of 3 of app: a request waited for it');
  });

  it('a scale that somebody else has changed is left as it is', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(2);
    app.keep();
    await app.pass(untilDecided);
    await app.scale(3);
    await app.clock.look();
    expect([await app.replicas(), [...gate.drained], await app.cost('web-app-0')]).toEqual([3, [], undefined]);
  });

  it('a change that has not been heard of is a conflict, after which it is looked at again', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(2);
    app.keep();
    await app.pass(untilDecided);
    app.takeRequests();
    let changes = 1;
    gate.onDrain = async () => {
      if (changes-- > 0) await app.touch();
    };
    await app.clock.look();
    const [first] = app.takeRequests();
    // Where the watch was faster there was no conflict.
    expect(['PATCH 409', 'PATCH 200']).toContain(first);
    await app.clock.look();
    expect(await app.replicas()).toBe(1);
    expect(app.lines).toEqual([]);
  });

  it('a new demand has a machine serve again', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(2);
    gate.loads.set('web-app-0', { current: 1 }).set('web-app-1', { current: 2 });
    app.keep();
    await app.pass(untilDecided);
    gate.loads.set('web-app-1', { current: 20 });
    await app.clock.look();
    expect([await app.replicas(), [...gate.drained], await app.cost('web-app-0')]).toEqual([2, [], undefined]);
  });

  it('what a machine still has to do is waited for, and asked about now and then', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(2);
    gate.loads.set('web-app-0', { current: 1 }).set('web-app-1', { current: 2 });
    app.keep();
    await app.pass(untilDecided);
    await app.pass(60, 1);
    expect(gate.asked).toHaveLength(7);
    expect([await app.replicas(), [...gate.drained]]).toEqual([2, ['web-app-0']]);
    await app.pass(250);
    expect([await app.replicas(), [...gate.drained], await app.cost('web-app-0')]).toEqual([2, [], undefined]);
  });

  it('the end of the operator ends all that it does, and writes nothing', async () => {
    const app = await ScaledApp.create();
    await app.gate(2);
    await app.machines(2);
    app.keep();
    await app.pass(untilDecided);
    app.takeRequests();
    await app.autoscaler.stop();
    app.keep();
    expect([app.clock.waits, app.takeRequests(), await app.replicas()]).toEqual([false, [], 2]);
  });
});

describe('what is refused', () => {
  it('is told, and tried again after a minute; until then the machine serves', async () => {
    const app = await ScaledApp.create({ mayWrite: false });
    const gate = await app.gate(2);
    await app.machines(2);
    app.keep();
    await app.pass(untilDecided + 55);
    expect(app.lines).toEqual(['a machine was not stopped']);
    await app.pass(5);
    expect(app.lines).toEqual(['a machine was not stopped', 'a machine was not stopped']);
    for (const name of ['web-app-0', 'web-app-1']) gate.loads.set(name, { current: 20 });
    await app.pass(60);
    expect(app.lines.slice(2)).toEqual(['no machine was started']);
    expect([await app.replicas(), [...gate.drained]]).toEqual([2, []]);
  });
});

describe('gates that cannot be asked', () => {
  it('have nothing stopped, until they answer or are gone', async () => {
    const app = await ScaledApp.create();
    const [one, two] = [await app.gate(2), await app.gate(3)];
    await app.machines(2);
    app.keep();
    await two.stop();
    await app.pass(60);
    expect(one.asked).toEqual([]);
    expect(app.lines).toEqual(['a gate does not answer: no machine is stopped until it does']);
    expect(await app.metrics.text()).toContain('airfield_autoscaler_looks_failed_total 12');
    await app.deletePod('gate-3');
    await app.pass(untilDecided);
    expect(one.asked).toHaveLength(1);
  });

  it('for want of a token have nothing stopped, which is said once; machines are started all the same', async () => {
    const app = await ScaledApp.create({ withToken: false });
    const gate = await app.gate(2);
    await app.machines(1);
    app.keep();
    await app.pass(120);
    expect([gate.asked, await app.replicas(), app.lines.length]).toEqual([[], 1, 1]);
    expect(app.lines[0]).toContain('AIRFIELD_GATES_TOKEN is not set');
    gate.loads.set('web-app-0', { current: 20 });
    await app.clock.look();
    expect(await app.replicas()).toBe(2);
  });
});

describe('nobody is asked', () => {
  it('anything while no machine runs, and the API server nothing while nothing is to be done', async () => {
    const app = await ScaledApp.create({ min: 1 });
    const gate = await app.gate(2);
    expect(app.clock.waits).toBe(false);
    app.keep();
    await app.pass(30);
    expect(gate.looks).toBe(0);
    await app.machines(1);
    await app.clock.look();
    app.takeRequests();
    await app.pass(60);
    expect([gate.looks, app.takeRequests()]).toEqual([13, []]);
  });

  it('any more when the App is gone', async () => {
    const app = await ScaledApp.create();
    const gate = await app.gate(2);
    await app.machines(1);
    app.keep();
    await app.clock.look();
    app.forget();
    app.clock.run();
    await app.autoscaler.stop();
    expect([gate.looks, app.clock.waits]).toEqual([1, false]);
  });
});
