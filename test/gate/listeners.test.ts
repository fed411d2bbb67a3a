import { describe, expect, it } from 'vitest';
import { routeSchema } from '../../src/api/route.ts';
import { haproxyConfig } from '../../src/gate/config.ts';

const route = (port: number, concurrency: object = {}) =>
  routeSchema.parse({
    namespace: 'acme',
    app: 'web',
    port,
    listenPort: 20_000 + port,
    internalPort: 8080,
    mode: 'http',
    concurrency,
  });

/** What stands behind the address of each listener. */
function binds(...routes: ReturnType<typeof route>[]): string[] {
  const settings = { directory: '/tmp/gate', region: 'fra', threads: 4 };
  const { text } = haproxyConfig(settings, { routes, servers: () => [], certificates: [], selfSigned: () => '' });
  return [...text(1).matchAll(/^ {2}bind \S+(.*)\n/gm)].map(([, options = '']) => options.trim());
}

describe('the listeners of routes', () => {
  it('are served by all threads where nothing is limited', () => expect(binds(route(80))).toEqual(['']));

  it('are served by one thread where there is a hardLimit, the same for all ports of a service', () => {
    const [first, second] = binds(route(80, { hardLimit: 5 }), route(443, { hardLimit: 5 }));
    expect(first).toMatch(/^thread [1-4]$/);
    expect(second).toBe(first);
  });
});
