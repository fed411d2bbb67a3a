import type { Namespace } from './kubectl.ts';

/** The pods of an App that are not on their way out, as `pod/name`. */
export async function machinesOf(namespace: Namespace, app: string): Promise<string[]> {
  const template = '{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}';
  const selector = `airfield.dev/app=${app}`;
  const output = await namespace.kubectl(['get', 'pods', '--selector', selector, '-o', `go-template=${template}`]);
  return output.split(' ').filter(Boolean);
}
