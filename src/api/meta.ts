/** API group, labels and annotations: the words that other tools may rely on. */
export const group = 'airfield.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** The name under which Airfield owns fields in server-side apply, and the value of `app.kubernetes.io/managed-by`. */
export const manager = 'airfield';

export const label = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  app: `${group}/app`,
  process: `${group}/process`,
  network: `${group}/network`,
} as const;

/** Names that every namespace with Apps gives to its own Services, so that no App can take them. */
export const reservedAppNames = ['internal', 'flycast', 'kubernetes'] as const;
