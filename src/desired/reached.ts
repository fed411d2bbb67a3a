import type { NetworkPeer } from '../api/network.ts';
import type { Route } from '../api/route.ts';

/** What a gated port of another App is at the gates, and at its machines. */
export type RouteAhead = Pick<Route, 'listenPort' | 'internalPort'>;

/** The gated ports of others that an App may connect to, by what it names: `namespace/app`, or `namespace/*`. */
export type RoutesAhead = ReadonlyMap<string, readonly RouteAhead[]>;

/** How a peer of an App in this namespace names Apps; undefined where it names addresses. */
export function reachedBy({ app, namespace, cidr }: NetworkPeer, home: string): string | undefined {
  return cidr ? undefined : `${namespace ?? home}/${app ?? '*'}`;
}

/** All that peers name. */
export function allReachedBy(peers: readonly NetworkPeer[], home: string): string[] {
  return [...new Set(peers.flatMap((peer) => reachedBy(peer, home) ?? []))];
}
