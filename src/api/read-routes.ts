import { label, routesAnnotation } from './meta.ts';
import { type Route, routeSchema } from './route.ts';

/** What is read of a Service. */
export interface ServiceWithRoutes {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/**
 * The routes of a Service, and in words what is wrong with the others. A route says its namespace and App itself, so one
 * that names others than those of its Service is refused: whoever may write the Service may not speak for them.
 */
export function readRoutes({ metadata }: ServiceWithRoutes): { routes: Route[]; problems: string[] } {
  const text = metadata.annotations?.[routesAnnotation];
  const place = `Service ${metadata.namespace}/${metadata.name}: annotation ${routesAnnotation}`;
  if (text === undefined) return { routes: [], problems: [] };
  const list = parseList(text);
  if (!list) return { routes: [], problems: [`${place} must be a JSON list of routes`] };
  const results = list.map((element, index) => readRoute(element, metadata, `${place}[${index}]`));
  return {
    routes: results.filter((result) => typeof result !== 'string'),
    problems: results.filter((result) => typeof result === 'string'),
  };
}

/** The problem, where it is none of this Service. */
function readRoute(element: unknown, { namespace, labels }: ServiceWithRoutes['metadata'], place: string) {
  const { data: route, error } = routeSchema.safeParse(element);
  if (!route) return `${place}${at(error.issues[0]?.path)}: ${error.issues[0]?.message}`;
  const app = labels?.[label.app];
  if (route.namespace !== namespace) return `${place}.namespace must be that of the Service`;
  if (route.app !== app)
    return `${place}.app must be what the Service's label ${label.app} says, ${app ?? 'which it has not'}`;
  return route;
}

function parseList(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Keys in a path may be whatever somebody wrote, so they are told as JSON where they are no plain words. */
const at = (path: readonly PropertyKey[] = []) =>
  path
    .map((key) =>
      /^[\w-]{1,64}$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key).slice(0, 64))}]`,
    )
    .join('');
