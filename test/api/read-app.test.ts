import { describe, expect, it } from 'vitest';
import { readApp } from '../../src/api/read-app.ts';

const metadata = { name: 'hello', namespace: 'acme', uid: 'u', generation: 3 };

describe('an App as it is stored', () => {
  it('gets the defaults that its stored form may lack', () => {
    const { app } = readApp({ metadata, spec: { image: 'x' } });
    expect(app.spec).toMatchObject({ killSignal: 'SIGINT', services: [], deploy: { strategy: 'rolling' } });
    expect(app.status.observedGeneration).toBe(-1);
  });

  it('may have fields that a newer version knows', () => {
    expect(readApp({ metadata, spec: { image: 'x', tomorrow: 1 } })).not.toHaveProperty('problem');
  });

  it('is told by its field when it cannot be read', () => {
    expect(readApp({ metadata, spec: { image: 'x', services: [{}] } })).toHaveProperty(
      'problem',
      expect.stringMatching(/^spec\.services\.0\.internalPort: /),
    );
  });

  it('says how to write a command that cannot be split', () => {
    expect(readApp({ metadata, spec: { image: 'x', deploy: { releaseCommand: ["echo it's"] } } })).toHaveProperty(
      'problem',
      "spec.deploy.releaseCommand: has a ' without an end; write one word an element",
    );
  });
});
