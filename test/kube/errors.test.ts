import { describe, expect, it } from 'vitest';
import * as errors from '../../src/kube/errors.ts';

const answer = (code: number, status: object, retryAfter?: string) =>
  errors.errorOfAnswer(code, JSON.stringify({ kind: 'Status', code, ...status }), retryAfter);

describe('an error of the API server', () => {
  it('reads as reason and message', () => {
    const error = answer(404, { reason: 'NotFound', message: 'pods "x" not found' });
    expect(error.message).toBe('NotFound: pods "x" not found');
    expect(error.status).toBe(404);
    expect(errors.isNotFound(error)).toBe(true);
    expect(errors.isGone(error)).toBe(false);
  });

  it('names the fields of an object that is invalid, and leaves out the type that a CEL rule quotes', () => {
    const error = answer(422, {
      reason: 'Invalid',
      message: 'App.airfield.dev "web" is invalid: [spec.a: …, spec.b: …]',
      details: {
        kind: 'App',
        name: 'web',
        causes: [
          { field: 'spec.count', message: 'Invalid value: 3000: must be at most 1000' },
          { field: 'spec', message: 'Invalid value: "object": give either count or regions' },
          { field: 'data', message: 'Invalid value: {"env":{"A":"1"}}: field is immutable' },
        ],
      },
    });
    expect(error.message).toBe(
      'Invalid: App "web": spec.count: Invalid value: 3000: must be at most 1000; spec: give either count or regions; data: field is immutable',
    );
    expect(errors.isInvalid(error)).toBe(true);
  });

  it('stays one line', () => {
    expect(answer(400, { reason: 'BadRequest', message: 'first\n  second\n' }).message).toBe(
      'BadRequest: first second',
    );
  });

  it('tells two conflicts apart', () => {
    const conflict = answer(409, { reason: 'Conflict', message: 'changed' });
    const exists = answer(409, { reason: 'AlreadyExists', message: 'there' });
    expect([errors.isConflict(conflict), errors.isAlreadyExists(conflict)]).toEqual([true, false]);
    expect([errors.isConflict(exists), errors.isAlreadyExists(exists)]).toEqual([false, true]);
  });

  it('says how long to wait, by header or by its details', () => {
    expect(answer(429, { reason: 'TooManyRequests' }, '7').retryAfterSeconds).toBe(7);
    expect(answer(429, { reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } }).retryAfterSeconds).toBe(3);
    expect(answer(500, {}).retryAfterSeconds).toBeUndefined();
  });

  it('has a reason also where a proxy answered without one', () => {
    const error = errors.errorOfAnswer(503, '<html>upstream is down</html>');
    expect(error.message).toBe('ServiceUnavailable: <html>upstream is down</html>');
  });

  it('knows a version that the server has not reached', () => {
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    expect(errors.isFutureVersion(answer(504, { reason: 'Timeout', details: { causes } }))).toBe(true);
    expect(errors.isFutureVersion(answer(504, { reason: 'Timeout' }))).toBe(false);
  });

  it('knows a namespace that is being deleted', () => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace x is being terminated' }];
    expect(errors.isTerminating(answer(403, { reason: 'Forbidden', details: { causes } }))).toBe(true);
    expect(errors.isTerminating(answer(403, { reason: 'Forbidden' }))).toBe(false);
  });
});

describe('a server that does not answer', () => {
  const server = new URL('https://10.0.0.1:6443/');

  it.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['ENOTFOUND', 'does not resolve'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate is not trusted'],
    ['ECONNRESET', 'is up'],
  ])('is named, with what to check: %s', (code, hint) => {
    const error = errors.unreachable(server, Object.assign(new Error('low level'), { code }));
    expect(error).toMatchObject({ status: 0, reason: 'Unreachable' });
    expect(error.message).toContain('https://10.0.0.1:6443');
    expect(error.message).toContain(code);
    expect(error.message).toContain(hint);
    expect(errors.isUnreachable(error)).toBe(true);
  });
});
