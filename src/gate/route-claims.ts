import { edgePort, type Route } from '../api/route.ts';
import { routeName } from './route-name.ts';

/**
 * Of routes that want the same the first one has it, and the others are told. A port of the gate belongs to one route, a
 * host to one App, and a host at one port of the edge to one route. A route that loses a host is served by the others
 * that it has, and on its own port.
 */
export function withOwnClaims(routes: readonly Route[]): { served: Route[]; problems: string[] } {
  const claims = new Claims();
  const served = routes.map((route) => claims.take(route)).filter((route) => route !== undefined);
  return { served, problems: claims.problems };
}

class Claims {
  readonly problems: string[] = [];
  /** By port of the gate, or by name where it has none. */
  readonly #places = new Map<number | string, Route>();
  readonly #hosts = new Map<string, Route>();
  readonly #edge = new Map<string, Route>();

  take(route: Route): Route | undefined {
    const place = route.listenPort ?? routeName(route);
    const owner = this.#places.get(place);
    if (owner) {
      const what = route.listenPort ? 'listenPort is that of' : 'there is already';
      this.problems.push(`${routeName(route)}: ${what} ${routeName(owner)}: choose another one`);
      return undefined;
    }
    const hosts = route.hosts.filter((host, index) => !route.hosts.includes(host, index + 1) && this.#has(route, host));
    if (route.listenPort === undefined && hosts.length === 0) return undefined;
    this.#places.set(place, route);
    return hosts.length === route.hosts.length ? route : { ...route, hosts };
  }

  #has(route: Route, host: string): boolean {
    const at = edgePort(route);
    const ofApp = first(this.#hosts, host, route);
    const isOurs = ofApp.namespace === route.namespace && ofApp.app === route.app;
    const owner = isOurs && at ? first(this.#edge, `${host}:${at}`, route) : ofApp;
    if (isOurs && (!at || owner === route)) return true;
    this.problems.push(`${routeName(route)}: the host ${host} is that of ${routeName(owner)}: choose another one`);
    return false;
  }
}

/** Who has it now. */
function first<K>(owners: Map<K, Route>, key: K, route: Route): Route {
  const owner = owners.get(key) ?? route;
  owners.set(key, owner);
  return owner;
}
