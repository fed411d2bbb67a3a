import { type App, appSpecSchema } from './app.ts';
import { appStatusSchema } from './app-status.ts';

interface StoredApp {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  spec?: unknown;
  status?: unknown;
}

/** An App that the API server has, but this version of Airfield cannot read. */
export interface Unreadable {
  readonly app: App;
  /** The first thing that is wrong, with its field. */
  readonly problem: string;
}

/**
 * An App as it is stored, with its defaults. The CRD refuses what the schema refuses, except for a command that cannot be
 * split; any other problem means that the CRD in the cluster is older or newer than the operator. Fields that this version
 * does not know are left out.
 */
export function readApp(stored: StoredApp): { app: App } | Unreadable {
  const { name, namespace = '', uid = '', generation = 0, deletionTimestamp, annotations } = stored.metadata;
  const metadata = {
    name,
    namespace,
    uid,
    generation,
    ...(deletionTimestamp && { deletionTimestamp }),
    ...(annotations && { annotations }),
  };
  const status = appStatusSchema.safeParse(stored.status ?? {}).data ?? appStatusSchema.parse({});
  const spec = appSpecSchema.safeParse(stored.spec);
  if (spec.success) return { app: { metadata, spec: spec.data, status } };
  const [issue] = spec.error.issues;
  const advice =
    issue?.code === 'custom'
      ? 'write one word an element'
      : 'the CRD in the cluster may be of another version than the operator';
  return {
    app: { metadata, spec: appSpecSchema.parse({ image: 'unreadable' }), status },
    problem: `spec.${issue?.path.join('.')}: ${issue?.message}; ${advice}`,
  };
}
