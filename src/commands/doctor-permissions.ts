import { group } from '../api/meta.ts';
import { accessReviews } from './core-resources.ts';
import type { Finding } from './doctor-report.ts';
import type { Session } from './session.ts';

interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const own = (verb: string, resource: string): Right => ({ verb, group, resource });
const core = (verb: string, resource: string, subresource?: string): Right => ({
  verb,
  group: '',
  resource,
  ...(subresource && { subresource }),
});

/** What each verb of the command line does. */
const needs: readonly (readonly [verbs: string, rights: readonly Right[]])[] = [
  ['status', [own('list', 'apps'), own('list', 'machines'), core('list', 'pods'), core('list', 'events')]],
  ['logs', [core('get', 'pods', 'log')]],
  ['releases', [{ verb: 'list', group: 'apps', resource: 'controllerrevisions' }]],
  ['rollback and scale', [own('patch', 'apps')]],
  ['console', [core('create', 'pods', 'exec')]],
  ['console --new', [own('create', 'machines'), own('delete', 'machines')]],
  ['proxy', [core('create', 'pods', 'portforward')]],
];

/** What the user may not do in the namespace, of what verbs of the command line do. */
export async function checkPermissions(session: Session): Promise<Finding> {
  const check = 'permissions';
  const denied = (await Promise.all(needs.map((need) => deniedOf(session, need)))).flat();
  const where = `namespace ${session.namespace}`;
  if (denied.length === 0) return { result: 'ok', check, message: `you may do everything in ${where}` };
  const message = `in ${where} you may not ${denied.join(', ')}`;
  const role = 'ask for the ClusterRole airfield-viewer, airfield-deployer or airfield-admin there';
  return {
    result: denied.length === needs.flatMap(([, rights]) => rights).length ? 'fail' : 'warn',
    check,
    message,
    next: role,
  };
}

async function deniedOf({ client, namespace }: Session, [verbs, rights]: (typeof needs)[number]): Promise<string[]> {
  const answers = await Promise.all(
    rights.map(async (right) => {
      const spec = { resourceAttributes: { namespace, ...right } };
      const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec };
      const { status } = await client.create<typeof review & { status?: { allowed: boolean } }>(accessReviews, review);
      return status?.allowed ? [] : [`${right.verb} ${[right.resource, right.subresource].filter(Boolean).join('/')}`];
    }),
  );
  return answers.flat().map((right) => `${right} (${verbs})`);
}
