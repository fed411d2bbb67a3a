import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../api/app.ts';
import { seconds } from '../api/duration.ts';
import { elapsed } from './age.ts';
import { getApp } from './find-app.ts';
import type { Session } from './session.ts';

interface Awaited {
  readonly name: string;
  /** Of the App, which has what is waited for. */
  readonly generation: number;
  readonly timeout: string;
}

const everyMs = 500;

/** Waits until the operator is done with a change, and says how it goes. Returns the exit code. */
export async function waitForRelease(session: Session, { name, generation, timeout }: Awaited): Promise<0 | 1> {
  const began = Date.now();
  const say = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  for (let said = ''; !session.signal.aborted; ) {
    const { app } = await getApp(session, name);
    const { release } = app.status;
    const end = app.status.observedGeneration >= generation ? endOf(app) : undefined;
    if (end !== undefined) {
      process.stdout.write(`${name}: release ${release?.version} ${end === 0 ? 'is complete' : 'failed'}\n`);
      if (end === 1) say(release?.message ?? release?.reason ?? '');
      return end;
    }
    const text = progress(app, generation);
    if (text !== said) say(text);
    said = text;
    if (Date.now() - began > seconds(timeout) * 1000) {
      say(`not over after ${elapsed(seconds(timeout))}, and goes on: \`airfield status -a ${name} --watch\``);
      return 1;
    }
    await sleep(everyMs, undefined, { signal: session.signal }).catch(() => {});
  }
  return 1;
}

/** The exit code of a release that is over. */
function endOf({ status }: App): 0 | 1 | undefined {
  if (status.release?.phase === 'complete') return 0;
  return status.release?.phase === 'failed' ? 1 : undefined;
}

function progress({ status }: App, generation: number): string {
  if (status.observedGeneration < generation) return 'waits for the operator';
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.message ?? `release ${status.release?.version ?? ''} ${status.release?.phase ?? 'begins'}`;
}
