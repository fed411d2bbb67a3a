import { inject } from 'vitest';
import { helm as anyHelm, chart } from '../chart/helm.ts';
import { kubectl, Namespace, patience } from './kubectl.ts';

interface Pod {
  metadata: { name: string; uid: string };
  status: { containerStatuses?: { restartCount: number }[] };
}

/** A pod that is not the same any more when it has been replaced or restarted. */
export const identitiesOf = async (namespace: Namespace, app: string): Promise<string[]> => {
  const pods = await namespace.list<Pod>('pods', `airfield.dev/app=${app}`);
  const restarts = ({ status }: Pod) => (status.containerStatuses ?? []).map(({ restartCount }) => restartCount);
  return pods.map((pod) => `${pod.metadata.name} ${pod.metadata.uid} ${restarts(pod)}`).sort();
};

/** Airfield as its chart installs it, in a namespace that takes pods of the standard `restricted` only. */
export class HelmRelease {
  readonly namespace: Namespace;
  readonly name = 'airfield';

  private constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  static async prepare(): Promise<HelmRelease> {
    const namespace = await Namespace.create('airfield-system');
    await kubectl(['label', 'namespace', namespace.name, 'pod-security.kubernetes.io/enforce=restricted']);
    return new HelmRelease(namespace);
  }

  /** The CRDs of the tests become those of the release. */
  install(...options: string[]): Promise<string> {
    return this.helm('install', this.name, chart, '--take-ownership', ...options);
  }

  upgrade(...options: string[]): Promise<string> {
    return this.helm('upgrade', this.name, chart, '--wait', ...options);
  }

  async uninstall(): Promise<string> {
    const said = await this.helm('uninstall', this.name);
    const selector = 'app.kubernetes.io/component in (operator,gate)';
    await this.namespace.wait('delete', 'pods', '--selector', selector);
    return said;
  }

  helm(...args: string[]): Promise<string> {
    const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
    return anyHelm([...args, '--namespace', this.namespace.name], { env, timeout: 300_000 });
  }

  /** Both Deployments run as they were asked to. */
  async isRunning(): Promise<void> {
    for (const name of ['operator', 'gate'])
      await this.namespace.kubectl(['rollout', 'status', `deployment/${this.name}-${name}`, `--timeout=${patience}ms`]);
  }

  async token(): Promise<string> {
    const secret = await this.namespace.get<{ data: { token: string } }>('secret', `${this.name}-gate-token`);
    return secret.data.token;
  }

  /** Nothing of it is left, but for the CRDs, which belong to nobody then. */
  async remove(): Promise<void> {
    await this.helm('uninstall', this.name, '--ignore-not-found');
    await this.namespace.delete();
  }
}
