import { describe, expect, it } from 'vitest';
import { Controller, type Outcome, type Reconcile } from '../../src/controller/controller.ts';
import { TerminalError } from '../../src/controller/terminal-error.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { createMetrics } from '../../src/metrics.ts';
import { ManualClock, until } from '../kube/time.ts';

type Line = Record<string, unknown> & { level: string; message: string };

function setUp(reconcile: Reconcile, workers = 2) {
  const clock = new ManualClock();
  const metrics = createMetrics();
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const controller = new Controller({ name: 'app', reconcile, workers, metrics, log, clock });
  const counts = async () => {
    const { values } = await metrics.reconciles.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.result, value]));
  };
  return { clock, metrics, lines, controller, counts };
}

/** Answers each call with the next of these, then with nothing. */
function script(...steps: (() => Outcome | undefined)[]): { reconcile: Reconcile; keys: string[] } {
  const keys: string[] = [];
  const reconcile: Reconcile = async (key) => {
    keys.push(key);
    return steps[keys.length - 1]?.();
  };
  return { reconcile, keys };
}

const fail = (error: unknown) => () => {
  throw error;
};
const kubeError = (status: number, reason: string, retryAfterSeconds?: number) =>
  new KubeError({ status, reason, text: 'refused', retryAfterSeconds } as never);

describe('a controller', () => {
  it('works off what was added before it started, and says so in one line for each key', async () => {
    const { reconcile, keys } = script();
    const { controller, lines, clock, counts } = setUp(reconcile);
    controller.enqueue('acme/hello');
    controller.enqueue('acme/world');
    controller.start();
    await clock.advance(0);
    expect(keys).toEqual(['acme/hello', 'acme/world']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ controller: 'app', namespace: 'acme', name: 'hello', result: 'success' });
    expect(lines[0]!.reconcileID).not.toBe(lines[1]!.reconcileID);
    expect(lines[0]!.ms).toBeTypeOf('number');
    expect(await counts()).toEqual({ success: 2, requeue_after: 0, error: 0, terminal_error: 0 });
  });

  it('lets timers and answers have their turn among many keys with nothing to do', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let looks = 0;
    const busy: Reconcile = async () => {
      looks += 1;
      for (const began = performance.now(); performance.now() - began < 1; );
      return undefined;
    };
    const { controller } = setUp(busy);
    for (let key = 0; key < 500; key++) controller.enqueue(`acme/${key}`);
    controller.start();
    setTimeout(() => resolve(looks));
    expect(await promise).toBeLessThan(500);
    await controller.drain();
  });

  it('looks again when a reconcile asks for it', async () => {
    const { reconcile, keys } = script(() => ({ requeueAfterMs: 60_000 }));
    const { controller, clock, counts } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(59_999);
    expect(keys).toHaveLength(1);
    await clock.advance(1);
    expect(keys).toHaveLength(2);
    expect(await counts()).toMatchObject({ requeue_after: 1, success: 1 });
  });

  it.each([
    ['an Error', new Error('oops')],
    ['a string', 'oops'],
    ['null', null],
    ['undefined', undefined],
    [
      'an object whose message cannot be read',
      Object.freeze({
        get message() {
          throw new Error('no');
        },
      }),
    ],
  ])('survives that a reconcile throws %s, tells it as a failure and tries again', async (_, thrown) => {
    const { reconcile, keys } = script(fail(thrown));
    const { controller, clock, lines, counts } = setUp(reconcile, 1);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(5);
    expect(keys).toEqual(['acme/hello', 'acme/hello']);
    expect(lines[0]).toMatchObject({ level: 'error', result: 'error', message: 'not reconciled' });
    expect(await counts()).toMatchObject({ error: 1, success: 1 });
  });

  it('survives a reconcile that throws before it returns a promise', async () => {
    let calls = 0;
    const { controller, clock } = setUp(() => {
      if (++calls === 1) throw new Error('at once');
      return Promise.resolve(undefined);
    }, 1);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(5);
    expect(calls).toBe(2);
  });

  it('does not try again what trying cannot mend, until the key is added again', async () => {
    const { reconcile, keys } = script(fail(new TerminalError('NameConflict', 'the name is taken')));
    const { controller, clock, lines, counts } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(2_000_000);
    expect(keys).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'warn', result: 'terminal_error', error: 'the name is taken' });
    controller.enqueue('acme/hello');
    await clock.advance(0);
    expect(keys).toHaveLength(2);
    expect(await counts()).toMatchObject({ terminal_error: 1, success: 1, error: 0 });
  });

  it('looks again after a terminal failure that says when', async () => {
    const { reconcile, keys } = script(fail(new TerminalError('NameConflict', 'the name is taken', 30_000)));
    const { controller, clock } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(29_999);
    expect(keys).toHaveLength(1);
    await clock.advance(1);
    expect(keys).toHaveLength(2);
  });

  it('takes a conflict quietly: no error is counted, nothing is logged above debug, and it tries again', async () => {
    const { reconcile, keys } = script(fail(kubeError(409, 'Conflict')));
    const { controller, clock, lines, metrics } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(5);
    expect(keys).toHaveLength(2);
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'info']);
    expect((await metrics.reconcileErrors.get()).values[0]!.value).toBe(0);
  });

  it('waits as long as the API server asks for', async () => {
    const { reconcile, keys } = script(fail(kubeError(429, 'TooManyRequests', 7)));
    const { controller, clock } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(6999);
    expect(keys).toHaveLength(1);
    await clock.advance(1);
    expect(keys).toHaveLength(2);
  });

  it('says in a line what the API server refused, without a stack trace', async () => {
    const { reconcile } = script(fail(kubeError(403, 'Forbidden')));
    const { controller, clock, lines } = setUp(reconcile);
    controller.start();
    controller.enqueue('acme/hello');
    await clock.advance(0);
    expect(lines[0]).toMatchObject({ level: 'warn', result: 'error', error: 'Forbidden: refused' });
    expect(lines[0]).not.toHaveProperty('err');
  });

  it('works on as many keys at once as it has workers, and never twice on one', async () => {
    const gate = Promise.withResolvers<void>();
    const running: string[] = [];
    const { controller, clock, metrics } = setUp(async (key) => {
      running.push(key);
      await gate.promise;
      return undefined;
    }, 2);
    controller.start();
    for (const key of ['a/1', 'a/2', 'a/3', 'a/1']) controller.enqueue(key);
    await clock.advance(3000);
    controller.enqueue('a/1');
    expect(running).toEqual(['a/1', 'a/2']);
    const text = await metrics.text();
    expect(text).toContain('controller_runtime_active_workers{controller="app"} 2');
    expect(text).toContain('workqueue_depth{name="app"} 1');
    expect(text).toContain('workqueue_unfinished_work_seconds{name="app"} 6');
    expect(text).toContain('workqueue_longest_running_processor_seconds{name="app"} 3');
    gate.resolve();
    await until('everything is done', () => running.length === 4);
    expect(running.toSorted()).toEqual(['a/1', 'a/1', 'a/2', 'a/3']);
  });
});

describe('when the operator stops', () => {
  it('what is under way may end, and nothing more begins', async () => {
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const { controller, clock, counts } = setUp(async (key) => {
      begun.push(key);
      await gate.promise;
      return undefined;
    }, 1);
    controller.start();
    controller.enqueue('a/1');
    controller.enqueue('a/2');
    await clock.advance(0);
    let isDrained = false;
    const drained = controller.drain().then(() => {
      isDrained = true;
    });
    await clock.advance(60_000);
    expect(isDrained).toBe(false);
    gate.resolve();
    await drained;
    expect(begun).toEqual(['a/1']);
    expect(await counts()).toMatchObject({ success: 1 });
  });

  it('what is under way is told when its time is over', async () => {
    const { controller, clock } = setUp((_, { signal }) => {
      const { promise, reject } = Promise.withResolvers<undefined>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    });
    controller.start();
    controller.enqueue('a/1');
    await clock.advance(0);
    const drained = controller.drain();
    controller.abort();
    await drained;
  });

  it('a controller that never started is drained at once', async () => {
    const { controller } = setUp(async () => undefined);
    controller.enqueue('a/1');
    await controller.drain();
  });
});
