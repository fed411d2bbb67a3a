import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { apiVersion, group } from '../api/meta.ts';

/** An App as it is applied. Its spec is for the API server to check. */
export interface WantedApp {
  readonly apiVersion: string;
  readonly kind: 'App';
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
  readonly spec: object;
}

const words = z.record(z.string(), z.string()).nullish();

const wantedApp = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('App'),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
    labels: words,
    annotations: words,
  }),
  spec: z.looseObject({}),
});

/** As much of any object as is needed to name it. */
const named = z.object({
  apiVersion: z.string().catch(''),
  kind: z.string().catch('?'),
  metadata: z.object({ name: z.string().catch('?') }).catch({ name: '?' }),
});

const listOf = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) });

const manifestLine = /^[ \t{\uFEFF-]*["']?apiVersion["']?\s*:\s*["']?airfield\.dev\//m;

export interface Manifests {
  readonly apps: readonly WantedApp[];
  /** `Secret/db`: what is in the file beside Apps. */
  readonly others: readonly string[];
}

/** Whether a text is Apps as YAML or JSON, and not a fly.toml, in which no line begins like that. */
export function isManifest(text: string): boolean {
  return manifestLine.test(text);
}

/** The Apps in a text as `kubectl apply -f` takes it; throws an Error with one line where it is none. */
export function readManifests(text: string): Manifests {
  const apps: WantedApp[] = [];
  const others: string[] = [];
  for (const object of objectsIn(text)) {
    const { apiVersion, kind, metadata } = named.parse(object);
    if (kind === 'App' && apiVersion.startsWith(`${group}/`)) apps.push(appOf(object));
    else others.push(`${kind}/${metadata.name}`);
  }
  return { apps, others };
}

/** Those of a List too, as `kubectl get -o yaml` prints several. */
function objectsIn(text: string): object[] {
  // kubectl reads YAML 1.1.
  const documents = parseAllDocuments(text, { version: '1.1' });
  const objects = documents.flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(error.message.split('\n')[0]);
    const list = listOf.safeParse(document.toJS());
    return list.success ? list.data.items : [document.toJS()];
  });
  return objects.filter((object) => typeof object === 'object' && object !== null);
}

function appOf(object: object): WantedApp {
  const read = wantedApp.safeParse(object);
  if (read.success) return applicable(read.data);
  const [issue] = read.error.issues;
  throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** What `kubectl get -o yaml` prints beside what somebody wrote cannot be applied. */
function applicable({ status: _, metadata, ...rest }: z.infer<typeof wantedApp>): WantedApp {
  const written = Object.entries(metadata).filter(([name]) => !setByServer.has(name));
  return { ...rest, metadata: { ...Object.fromEntries(written), name: metadata.name } };
}

const setByServer = new Set(['managedFields', 'resourceVersion', 'uid', 'generation', 'creationTimestamp', 'selfLink']);
