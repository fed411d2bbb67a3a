import { placesPrefix, reservedAppNames } from './meta.ts';
import { celList, type Rule } from './scalars.ts';

/** Variables that Airfield sets in every machine (design of Fly's runtime environment). */
export const reservedEnv = [
  'FLY_APP_NAME',
  'FLY_MACHINE_ID',
  'FLY_ALLOC_ID',
  'FLY_MACHINE_VERSION',
  'FLY_REGION',
  'FLY_PRIVATE_IP',
  'FLY_IMAGE_REF',
  'FLY_PROCESS_GROUP',
  'FLY_VM_MEMORY_MB',
] as const;

const isUdp = (service: string) => `(has(${service}.protocol) && ${service}.protocol == 'udp')`;
const isDefault = (name: string) =>
  `(self.processes.exists(d, d.name == 'app') ? ${name} == 'app' : !self.processes.exists(d, d.name < ${name}))`;

/** Whether ports or ranges of ports `a` and `b` have a port in common. */
const overlap = (a: string, b: string) => {
  const first = (of: string) => `${of}.?port.orValue(${of}.?startPort.orValue(0))`;
  const last = (of: string) => `${of}.?port.orValue(${of}.?endPort.orValue(0))`;
  return `${first(a)} <= ${last(b)} && ${first(b)} <= ${last(a)}`;
};

/** Every `processes` list must name groups that exist. */
const knownGroups = (field: string): Rule => ({
  rule: `!has(self.${field}) || self.${field}.all(x, !has(x.processes) || x.processes.all(p, has(self.processes) ? self.processes.exists(g, g.name == p) : p == 'app'))`,
  message: `${field}[].processes names a process group that spec.processes does not have: write one that it has (\`app\` where there is no spec.processes)`,
  fieldPath: `.${field}`,
});

/** Where Airfield keeps what it needs in machines. */
const notInOwnFolder = (field: string, path: string): Rule => ({
  rule: `self.all(x, x.${path} != '/.airfield' && !x.${path}.startsWith('/.airfield/'))`,
  message: `${field}[].${path}: \`/.airfield\` is Airfield's own folder: write another path`,
});

/**
 * Of an environment, in the values of a Secret, which is no `..` (k8s.io/apimachinery, util/validation, IsConfigMapKey), and as a key of
 * what is applied: YAML takes no key of more than 1024 characters, and server-side apply is YAML.
 */
export const variableName = /^([-_a-zA-Z][-._a-zA-Z0-9]{0,252}|[.][-_a-zA-Z0-9][-._a-zA-Z0-9]{0,251})$/;

/** Of every environment. */
export const envRules: readonly Rule[] = [
  {
    rule: `self.all(k, !(k in ${celList(reservedEnv)}))`,
    message: `env sets a variable that Airfield sets itself; remove it (${reservedEnv.join(', ')})`,
  },
  {
    rule: `self.all(k, k.matches('${variableName.source}'))`,
    message:
      'a name in env may have up to 253 letters, digits, `_`, `-` and `.`, and must not begin with a digit or `..`',
  },
];

export const servicesRules: readonly Rule[] = [
  {
    rule: `self.all(s, !has(s.ports) || s.ports.all(p, self.filter(o, ${isUdp('o')} == ${isUdp('s')} && has(o.ports) && o.ports.exists(q, ${overlap('p', 'q')})).size() == 1 && s.ports.filter(q, ${overlap('p', 'q')}).size() == 1))`,
    message: 'services[].ports: two services listen on the same port: give each port to one service only',
  },
  {
    rule: `self.all(s, self.all(o, s.internalPort != o.internalPort || ${isUdp('s')} != ${isUdp('o')} || (has(s.processes) && has(o.processes) ? s.processes.all(p, p in o.processes) == o.processes.exists(p, p in s.processes) : (!has(s.processes) || s.processes.size() == 1 || !('app' in s.processes)) && (!has(o.processes) || o.processes.size() == 1 || !('app' in o.processes)))))`,
    message:
      'services[].processes: services that share an `internalPort` must have the same `processes`, or none in common',
  },
];

export const mountsRules: readonly Rule[] = [
  {
    rule: 'self.all(m, self.filter(o, o.destination == m.destination && (!has(o.processes) || !has(m.processes) || o.processes.exists(p, p in m.processes))).size() == 1)',
    message: 'mounts[].destination: two volumes of a machine are mounted at the same path: change one of them',
  },
  notInOwnFolder('mounts', 'destination'),
];

export const filesRules: readonly Rule[] = [notInOwnFolder('files', 'path')];

/**
 * What has to do with several fields. What has to do with one alone belongs to that one: the API server looks at these with every
 * write, also of the status, and takes the longer for each field the more fields there are beside it.
 */
export const specRules: Rule[] = [
  ...['services', 'checks', 'mounts', 'files', 'metrics'].map(knownGroups),
  {
    rule: "!has(self.services) || !has(self.processes) || self.processes.size() <= 1 || self.processes.exists(g, g.name == 'app') || self.services.all(s, has(s.processes))",
    message: 'several process groups and none is called `app`: name the groups that serve in services[].processes',
    fieldPath: '.services',
  },
  {
    rule: '!has(self.checks) || (has(self.services) && self.services.size() > 0) || self.checks.all(c, has(c.port))',
    message: 'checks[].port: there is no service to take the port from: write the port to check',
    fieldPath: '.checks',
  },
  {
    rule: "!has(self.deploy) || !has(self.deploy.strategy) || !(self.deploy.strategy in ['canary', 'bluegreen']) || !has(self.mounts) || self.mounts.size() == 0",
    message:
      'canary and bluegreen cannot be used with mounts, because a volume belongs to one machine: write `strategy: rolling` or `immediate`',
    fieldPath: '.deploy.strategy',
  },
  {
    rule: `!has(self.count) || !has(self.processes) || self.processes.all(g, !has(g.count) && !has(g.regions) || !${isDefault('g.name')})`,
    message:
      '`count` is the number of machines of the default group, which has a `count` or `regions` of its own in `processes`: remove one of the two',
    fieldPath: '.count',
  },
  {
    rule: "!has(self.files) || !has(self.mounts) || self.files.all(f, !self.mounts.exists(m, (m.destination == f.path || m.destination == f.path + '/') && (!has(f.processes) || !has(m.processes) || f.processes.exists(p, p in m.processes))))",
    message: 'files[].path: a volume is mounted at the path of a file: change one of them',
    fieldPath: '.files',
  },
  {
    rule: '!has(self.mounts) || self.mounts.size() == 0 || !has(oldSelf.mounts) || oldSelf.mounts.size() == 0 || (has(self.primaryRegion) == has(oldSelf.primaryRegion) && (!has(self.primaryRegion) || self.primaryRegion == oldSelf.primaryRegion))',
    message:
      'primaryRegion cannot change while the App has mounts, because volumes do not move between regions: keep it, or name regions in `processes[].regions`',
    fieldPath: '.primaryRegion',
  },
  {
    rule: '!has(self.expiresAfter) || !has(self.deletionProtection) || !self.deletionProtection',
    message: 'an App with deletionProtection is never deleted by itself: remove expiresAfter or deletionProtection',
    fieldPath: '.expiresAfter',
  },
];

export const appRules: Rule[] = [
  {
    rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 63",
    message:
      'the name of an App is a host name: at most 63 lower-case letters, digits and `-`, beginning with a letter',
  },
  {
    rule: `!(self.metadata.name in ${celList(reservedAppNames)})`,
    message: `an App cannot be called ${reservedAppNames.join(', ')}: Airfield or Kubernetes has a Service of that name`,
  },
  {
    rule: `!self.metadata.name.startsWith('${placesPrefix}')`,
    message: `the name of an App cannot begin with ${placesPrefix}: Services of Airfield do`,
  },
];
