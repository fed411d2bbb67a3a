import type { Container, PodSpec } from '../api/kubernetes.ts';
import type { Settings } from './settings.ts';

type PodSecurity = Pick<PodSpec, 'automountServiceAccountToken' | 'enableServiceLinks' | 'securityContext'>;

/** A machine knows nothing of the Kubernetes that it runs on. */
export function podSecurity({ podSecurity }: Settings): PodSecurity {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      seccompProfile: { type: 'RuntimeDefault' },
      ...(podSecurity === 'restricted' && { runAsNonRoot: true }),
    },
  };
}

/** The same for every container of a machine: the program, what runs beside it, and what Airfield adds. */
export function containerSecurity({ podSecurity }: Settings): Pick<Container, 'securityContext'> {
  return {
    securityContext: {
      allowPrivilegeEscalation: false,
      ...(podSecurity === 'restricted' && { capabilities: { drop: ['ALL'] } }),
    },
  };
}
