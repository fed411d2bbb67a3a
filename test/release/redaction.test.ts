import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../../src/api/kubernetes.ts';
import { hider, redacted } from '../../src/release/redaction.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const hide = (text: string, ...values: string[]) => hider(values.map(base64))(text);

describe('what a program said', () => {
  it.each([
    ['the value', 'no login with hunter22!', 'no login with ***!', 'hunter22'],
    ['every time', 'hunter22 hunter22', '*** ***', 'hunter22'],
    ['in base64', `x=${base64('hunter22')};`, 'x=***;', 'hunter22'],
    ['in base64 without its end', `x=${base64('hunter22').replaceAll('=', '')}`, 'x=***', 'hunter22'],
    ['in an address', 'postgres://me:p%40ss%2Fword@db', 'postgres://me:***@db', 'p@ss/word'],
    ['in JSON', '{"key":"one\\"two\\nthree"}', '{"key":"***"}', 'one"two\nthree'],
    ['a line of it', 'MIIEvQIBADANBg: bad key', '***: bad key', '-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n'],
    ['its end, where the log begins in the middle of it', 'ter-22 was refused', '*** was refused', 'hunter-22'],
    ['the longer of two, of which one begins like the other', 'secret-and-more', '***', 'secret'],
    ['nothing that is too short to be one', 'a year is 365', 'a year is 365', '365'],
  ])('hides %s', (_, said, hidden, value) => {
    expect(hide(said, value, ...(said === 'secret-and-more' ? ['secret-and-more'] : []))).toBe(hidden);
  });

  it('is left alone where it says nothing of values', () => {
    expect(hide('the database is on fire', 'hunter22')).toBe('the database is on fire');
  });
});

describe('pods as they may be told of', () => {
  const status = (message: string, name = 'app') => ({
    name,
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: { terminated: { exitCode: 3, message } },
  });
  const pod = (statuses: object) => ({ metadata: { name: 'a' }, status: statuses }) as unknown as ObservedPod;

  it('have no values in anything that a container said', () => {
    const pods = redacted(
      [pod({ initContainerStatuses: [status('first hunter22')], containerStatuses: [status('then hunter22')] })],
      () => [base64('hunter22')],
    );
    expect(JSON.stringify(pods)).not.toContain('hunter22');
    expect(JSON.stringify(pods)).toContain('then ***');
    expect(pods[0]?.status?.containerStatuses?.[0]).toMatchObject({ lastState: { terminated: { exitCode: 3 } } });
  });

  it('are the same, and values are not asked for, where none has said anything', () => {
    const quiet = [pod({ containerStatuses: [{ name: 'app', state: { running: {} } }] }), pod({})];
    const found = redacted(quiet, () => {
      throw new Error('asked');
    });
    expect(found).toEqual(quiet);
    expect(found[0]).toBe(quiet[0]);
  });
});
