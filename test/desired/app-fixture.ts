import { type App, type AppSpecInput, appSpecSchema, appStatusSchema } from '../../src/api/app.ts';
import type { Settings } from '../../src/desired/settings.ts';

/** An App as the operator sees it: what people write, with the defaults filled in. */
export function anApp(spec: Partial<AppSpecInput> = {}, name = 'hello'): App {
  return {
    metadata: { name, namespace: 'acme', uid: '00000000-0000-0000-0000-000000000001', generation: 1 },
    spec: appSpecSchema.parse({ image: 'example.com/hello:1', ...spec }),
    status: appStatusSchema.parse({}),
  };
}

export const settings: Settings = {
  defaultRegion: 'local',
  clusterDomain: 'cluster.local',
  podSecurity: 'baseline',
  ingressNamespaces: [],
};
