import { describe, expect, it } from 'vitest';
import { claimChanges, volumesOf } from '../../src/desired/claims.ts';
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
