import type * as z from 'zod';

/** What the API server gives of an object of ours: anything may be missing until it has been read. */
export interface Stored {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  spec?: unknown;
  status?: unknown;
}

export interface Meta {
  name: string;
  namespace: string;
  uid: string;
  generation: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  annotations?: Record<string, string>;
}

/** An object after its schema has filled the defaults: what the pure parts work on. */
export interface Resource<Spec, Status> {
  readonly metadata: Meta;
  readonly spec: Spec;
  readonly status: Status;
}

/** One that the API server has, but this version of Airfield cannot read. */
export interface Unreadable<Status> {
  readonly metadata: Meta;
  readonly status: Status;
  /** The first thing that is wrong, with its field. */
  readonly problem: string;
}

/**
 * An object as it is stored, with its defaults. The CRD refuses what the schema refuses, except for a command that cannot
 * be split; any other problem means that the CRD in the cluster is older or newer than the operator. Fields that this
 * version does not know are left out.
 */
export function read<Spec extends z.ZodType, Status extends z.ZodType>(
  stored: Stored,
  schemas: { readonly spec: Spec; readonly status: Status },
): Resource<z.infer<Spec>, z.infer<Status>> | Unreadable<z.infer<Status>> {
  const metadata = metaOf(stored);
  const status = schemas.status.safeParse(stored.status ?? {}).data ?? schemas.status.parse({});
  const spec = schemas.spec.safeParse(stored.spec);
  if (spec.success) return { metadata, spec: spec.data, status };
  const [issue] = spec.error.issues;
  const advice =
    issue?.code === 'custom'
      ? 'write one word an element'
      : 'the CRD in the cluster may be of another version than the operator';
  return { metadata, status, problem: `spec.${issue?.path.join('.')}: ${issue?.message}; ${advice}` };
}

function metaOf({ metadata }: Stored): Meta {
  const { name, namespace = '', uid = '', generation = 0, creationTimestamp, deletionTimestamp } = metadata;
  const { annotations } = metadata;
  return {
    name,
    namespace,
    uid,
    generation,
    ...(creationTimestamp && { creationTimestamp }),
    ...(deletionTimestamp && { deletionTimestamp }),
    ...(annotations && { annotations }),
  };
}
