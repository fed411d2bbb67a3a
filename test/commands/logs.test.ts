import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { logJson, logText } from '../../src/commands/log-line.ts';
import { logSources } from '../../src/commands/log-source.ts';
import { sortable } from '../../src/commands/log-time.ts';
import { mergedLogs } from '../../src/commands/merged-logs.ts';
import { unpainted } from '../../src/commands/terminal.ts';
import { type LogLine, logLines } from '../../src/kube/pod-log.ts';

async function* lines(...texts: string[]): AsyncGenerator<LogLine> {
  for (const text of texts) yield { time: text.split(' ')[0]!, text: text.split(' ')[1]! };
}
async function* chunks(...pieces: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const pod = (name: string, labels: Record<string, string>, states: Record<string, object>): ObservedPod =>
  ({
    metadata: { name, uid: `uid-${name}`, labels },
    status: {
      containerStatuses: Object.entries(states).map(([container, state]) => ({ name: container, state })),
    },
  }) as unknown as ObservedPod;
const labels = { 'airfield.dev/process': 'app', 'airfield.dev/region': 'iad' };
const running = { running: {} };

describe('several logs', () => {
  it('are one by time, also within a second', async () => {
    const a = lines('2026-01-01T00:00:01.5Z a1', '2026-01-01T00:00:03Z a2');
    const b = lines('2026-01-01T00:00:01.25Z b1', '2026-01-01T00:00:02Z b2');
    const merged = await all(
      mergedLogs([
        { source: 'a', lines: a },
        { source: 'b', lines: b },
      ]),
    );
    expect(merged.map(({ text }) => text)).toEqual(['b1', 'a1', 'b2', 'a2']);
  });

  it('have times that compare as texts', () => {
    const times = ['2026-01-01T00:00:01Z', '2026-01-01T00:00:01.000000001Z', '2026-01-01T00:00:01.1Z'];
    expect(times.map(sortable)).toEqual(times.map(sortable).sort());
  });
});

describe('the lines of a log', () => {
  it('are whole, wherever pieces end, even within a character', async () => {
    const euro = Buffer.from('€');
    const found = await all(
      logLines(chunks('2026Z on', 'e\n2027Z ', euro.subarray(0, 1), euro.subarray(1), '\n2028Z\n')),
    );
    expect(found).toEqual([
      { time: '2026Z', text: 'one' },
      { time: '2027Z', text: '€' },
      { time: '2028Z', text: '' },
    ]);
  });

  it('are shown with where they are from', () => {
    const [source] = logSources([pod('hello-app-x', labels, { app: running })], {});
    const line = { time: '2026-01-01T00:00:01Z', text: 'hi' };
    expect(logText(line, source!, unpainted, false)).toBe('[iad/hello-app-x] hi\n');
    expect(JSON.parse(logJson(line, 'hello', source!))).toEqual({
      time: '2026-01-01T00:00:01Z',
      app: 'hello',
      machine: 'hello-app-x',
      process: 'app',
      region: 'iad',
      container: 'app',
      message: 'hi',
    });
  });
});

describe('the containers whose log is shown', () => {
  const machine = pod('hello-app-x', labels, { app: running, shipper: running });
  const named = (chosen: Parameters<typeof logSources>[1], pods = [machine]) =>
    logSources(pods, chosen).map(({ machine, container }) => `${machine}/${container}`);

  it('are programs, and what stands beside them where that is asked for', () => {
    expect(named({})).toEqual(['hello-app-x/app']);
    expect(named({ container: 'shipper' })).toEqual(['hello-app-x/shipper']);
    expect(named({ allContainers: true })).toEqual(['hello-app-x/app', 'hello-app-x/shipper']);
  });

  it('are those of a group or a machine, where that is asked for', () => {
    expect(named({ process: 'worker' })).toEqual([]);
    expect(named({ machine: ['other'] })).toEqual([]);
    const own = pod('m-1-abc', { ...labels, 'airfield.dev/machine': 'm-1' }, { app: running });
    expect(named({ machine: ['m-1'] }, [machine, own])).toEqual(['m-1/app']);
  });

  it('are not those that have not begun', () => {
    expect(named({}, [pod('new', labels, { app: { waiting: { reason: 'ContainerCreating' } } })])).toEqual([]);
  });
});
