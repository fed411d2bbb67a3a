import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimChanges, volumesOf } from '../../src/desired/claims.ts';
import { volumeName, workloadName } from '../../src/desired/names.ts';
import { anApp } from './app-fixture.ts';
import { aClaim, appWithData } from './volumes-fixture.ts';

const changes = (app: ReturnType<typeof anApp>, ...claims: ReturnType<typeof aClaim>[]) =>
  claimChanges(app, volumesOf(app, claims)).map(({ claim, ...change }) => ({ name: claim.metadata.name, ...change }));

describe('the claim of a volume', () => {
  it.each([
    ['1Gi', '2Gi', '2Gi'],
    ['1024Mi', '1.5Gi', '1536Mi'],
    ['900M', '1Gi', '1Gi'],
  ])('of %s grows where the mount is of %s', (request, size, grown) => {
    expect(changes(appWithData({ size }), aClaim(request))).toEqual([{ name: 'data-hello-app-0', size: grown }]);
  });

  it.each(['1Gi', '1024Mi', '5Gi', '2G'])('never shrinks from %s to a mount of 1Gi', (request) => {
    expect(changes(appWithData({ size: '1Gi' }), aClaim(request))).toEqual([]);
  });

  it('waits until it is bound, for the API server lets nothing else grow', () => {
    const claim = { ...aClaim('1Gi'), status: { phase: 'Pending' } };
    expect(changes(appWithData({ size: '2Gi' }), claim)).toEqual([]);
  });

  it('is left alone when it is being deleted, and when the App has no such mount', () => {
    const deleted = aClaim('1Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(changes(appWithData({ size: '2Gi' }), deleted)).toEqual([]);
    expect(changes(anApp(), aClaim())).toEqual([]);
  });

  it('belongs to the App, and so is deleted with it, only while the mount says `onDelete: delete`', () => {
    const app = appWithData({ onDelete: 'delete' });
    const mine = { apiVersion: 'airfield.dev/v1alpha1', kind: 'App', name: 'hello', uid: app.metadata.uid };
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', uid: 'theirs' };
    const owned = (...ownerReferences: (typeof mine)[]) => aClaim('1Gi', { ownerReferences });
    expect(changes(app, owned(theirs))).toEqual([{ name: 'data-hello-app-0', ownerReferences: [theirs, mine] }]);
    expect(changes(app, owned(theirs, mine))).toEqual([]);
    expect(changes(appWithData(), owned(mine, theirs))).toEqual([
      { name: 'data-hello-app-0', ownerReferences: [theirs] },
    ]);
    expect(changes(appWithData(), aClaim())).toEqual([]);
  });
});

describe('the name of a claim', () => {
  const word = fc.stringMatching(/^[ab](-{0,2}[ab]){0,3}$/);
  const volume = fc.record({ app: word, group: word, mount: word });
  const nameOf = ({ app, group, mount }: { app: string; group: string; mount: string }) =>
    `${volumeName(mount)}-${workloadName(app, { group, slot: 'blue', role: 'machines' })}-0`;

  it('is never that of another App, group or mount', () => {
    fc.assert(
      fc.property(volume, volume, (one, other) => {
        const isSame = one.app === other.app && one.group === other.group && one.mount === other.mount;
        expect(nameOf(one) === nameOf(other)).toBe(isSame);
      }),
      { numRuns: 5000 },
    );
    expect(nameOf({ app: 'app', group: 'app', mount: 'data-hello' })).toBe('data--hello-app-app-0');
    expect(nameOf({ app: 'hello-app', group: 'app', mount: 'data' })).toBe('data-hello-app-app-0');
  });

  it('fits where Kubernetes wants it, however long the mount is called', () => {
    const long = volumeName('a-'.repeat(31).concat('a'));
    expect(long).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(long).not.toBe(volumeName('a-'.repeat(31).concat('b')));
  });
});
