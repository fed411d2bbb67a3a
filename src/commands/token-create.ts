import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { deployPolicyName } from '../api/deploy-policy.ts';
import { seconds } from '../api/duration.ts';
import { tokenExpiresAnnotation } from '../api/meta.ts';
import { apps } from '../controller/resources.ts';
import type { Client } from '../kube/client.ts';
import { isForbidden, isUnauthorized } from '../kube/errors.ts';
import { clusterEntry, connectByText } from '../kube/kubeconfig.ts';
import { roleBindings, roles, serviceAccounts } from '../kube/resources.ts';
import type { AppFlags } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { findApp } from './find-app.ts';
import { note } from './messages.ts';
import type { Session } from './session.ts';
import { tokenKubeconfig } from './token-kubeconfig.ts';
import { type TokenObjects, type TokenScope, tokenObjects } from './token-objects.ts';
import { removeToken } from './token-revoke.ts';

export interface CreateTokenFlags extends AppFlags {
  readonly expiry: string;
  readonly output: 'token' | 'kubeconfig' | 'json';
  readonly file?: string;
}

interface Made {
  readonly token: string;
  readonly expiresAt: string;
}

/** `airfield tokens create`: the token is on standard output, or in a file that only its owner can read. */
export async function createToken(session: Session, scope: TokenScope, flags: CreateTokenFlags): Promise<number> {
  const { client, namespace } = session;
  const { name: app, stored } = await findApp(session, flags);
  const madeBy = await userName(client);
  const suffix = randomBytes(4).toString('hex');
  const objects = tokenObjects({ scope, app, namespace, uid: stored.metadata.uid ?? '', madeBy, suffix });
  const { name } = objects;
  await client.create(serviceAccounts, objects.serviceAccount);
  let made: Made;
  try {
    made = await make(client, objects, seconds(flags.expiry));
    const cluster = clusterEntry({ path: flags.kubeconfig, context: flags.context });
    const kubeconfig = tokenKubeconfig({ cluster, namespace, name, token: made.token });
    if (scope === 'deploy') await refuseUnlimited(kubeconfig, { namespace, name: app });
    const json = `${JSON.stringify({ name, namespace, app, scope, ...made }, null, 2)}\n`;
    await print({ token: `${made.token}\n`, kubeconfig, json }[flags.output], flags.file);
  } catch (error) {
    await removeToken(client, { namespace, name }).catch(() => note(`\`airfield tokens revoke ${name}\` removes it`));
    throw error;
  }
  note(`token ${name} may ${scope === 'deploy' ? 'deploy' : 'read'} App ${app} until ${made.expiresAt}`);
  note(`\`airfield tokens revoke ${name} -n ${namespace}\` ends it before`);
  return 0;
}

async function print(text: string, file: string | undefined): Promise<void> {
  if (!file) return void process.stdout.write(text);
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(code === 'EEXIST' ? `${file} exists already: name another file with --file` : message);
  }
}

async function make(
  client: Client,
  { serviceAccount, role, roleBinding }: TokenObjects,
  expiry: number,
): Promise<Made> {
  await client.create(roles, role);
  await client.create(roleBindings, roleBinding);
  const { name, namespace } = serviceAccount.metadata;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: expiry },
  };
  const { status } = await client.raw<{ status: { token: string; expirationTimestamp: string } }>(
    'POST',
    path,
    request,
  );
  // The cluster may have a limit of its own.
  const { token, expirationTimestamp: expiresAt } = status;
  const annotations = { [tokenExpiresAnnotation]: expiresAt };
  await client.mergePatch(serviceAccounts, { namespace, name }, { metadata: { annotations } });
  return { token, expiresAt };
}

/** What the API server calls whoever asks; undefined before Kubernetes 1.28. */
async function userName(client: Client): Promise<string | undefined> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  type Review = { status?: { userInfo?: { username?: string } } };
  const answer = await client.raw<Review>('POST', path, review).catch((): Review => ({}));
  return answer.status?.userInfo?.username;
}

/** For as long as the API servers may need to know a new role, in milliseconds. */
const knownMs = 10_000;
/** The same of a policy that was only just applied. */
const limitedMs = 5000;

/**
 * A right to patch is the right to change everything where the admission policy is not there, so the token itself tries what
 * it must not do. Nothing is kept of that.
 */
async function refuseUnlimited(kubeconfig: string, app: { namespace: string; name: string }): Promise<void> {
  const client = await connectByText(kubeconfig);
  const patch = { metadata: { labels: { 'airfield.dev/not-allowed': 'true' } } };
  try {
    const began = performance.now();
    const hasPassed = (ms: number) => performance.now() - began > ms;
    while (!hasPassed(knownMs)) {
      const refusal = await client.mergePatch(apps, app, patch, { dryRun: true }).then(
        () => undefined,
        (error: Error) => error,
      );
      if (!refusal && hasPassed(limitedMs)) throw new CommandError(unlimited);
      if (refusal?.message.includes(deployPolicyName)) return;
      if (refusal && !isForbidden(refusal) && !isUnauthorized(refusal)) throw refusal;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    client.close();
  }
  throw new CommandError('the cluster does not give the token its rights: `airfield doctor` looks at it more closely');
}

const unlimited = `nothing would limit a deploy token to image and environment: either the admission policy ${deployPolicyName} is missing (\`kubectl apply -f crds/deploy-policy.yaml\`), or all service accounts here may create or delete Apps`;
