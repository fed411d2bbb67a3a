import { isDeepStrictEqual } from 'node:util';
import type { Route } from '../api/route.ts';
import { backendNames } from './backends.ts';
import type { Certificate } from './certificates.ts';
import { withOwnClaims } from './route-claims.ts';
import { routeName } from './route-name.ts';

/** What a gate has been told to serve. Another one is made when it is told something else. */
export class ServedRoutes {
  readonly byName: ReadonlyMap<string, Route>;
  readonly certificates: readonly Certificate[];
  /** What others have, in words. */
  readonly problems: readonly string[];
  readonly #backends: ReadonlyMap<string, string>;

  constructor(routes: readonly Route[], certificates: readonly Certificate[]) {
    const { served, problems } = withOwnClaims(routes);
    this.byName = new Map(served.map((route) => [routeName(route), route]));
    this.certificates = certificates;
    this.problems = problems;
    this.#backends = backendNames(served);
  }

  /** The route, by its name, whose backend serves this one. */
  backendOf(name: string): string {
    return this.#backends.get(name) ?? name;
  }

  /** Those that have a backend of their own. */
  get withBackend(): Route[] {
    return [...this.byName].filter(([name]) => this.backendOf(name) === name).map(([, route]) => route);
  }

  equals({ byName, certificates }: ServedRoutes): boolean {
    return isDeepStrictEqual([[...byName], certificates], [[...this.byName], this.certificates]);
  }
}
