import type { App, AppSpec } from '../api/app.ts';
import type { AppService } from '../api/service.ts';

/** A field that this version of Airfield reads but does not act on. */
export interface Unrealised {
  readonly field: string;
  /** What happens instead. */
  readonly instead: string;
  /** Whether running the App without it could lose data or run half a program; then it is not run at all. */
  readonly blocking: boolean;
}

/** Every field of the App that says something which is not acted on yet. None is ignored silently. */
export function unrealisedFields({ spec }: Pick<App, 'spec'>): Unrealised[] {
  return [...blockingFields(spec), ...harmlessFields(spec), ...spec.services.flatMap(serviceFields)];
}

/** The fields for which an App is not run, as one sentence; undefined where there are none. */
export function whyNotRun(app: Pick<App, 'spec'>): string | undefined {
  const blocking = unrealisedFields(app).filter((field) => field.blocking);
  if (blocking.length === 0) return undefined;
  return `not supported yet: ${blocking.map(({ field, instead }) => `${field} (${instead})`).join('; ')}`;
}

function blockingFields(spec: AppSpec): Unrealised[] {
  const { deploy } = spec;
  const sidecars = (spec.processes ?? []).filter((group) => group.sidecars?.length);
  return list([
    [spec.mounts.length > 0, 'mounts', 'nothing runs, because its data would be lost'],
    [spec.files.length > 0, 'files', 'nothing runs, because the files would be missing'],
    [sidecars.length > 0, 'processes[].sidecars', 'nothing runs, because the sidecars would be missing'],
    [deploy.releaseCommand, 'deploy.releaseCommand', 'nothing runs, because the command would be skipped'],
    [
      sharesInternalPort(spec),
      'services',
      'nothing runs, because two services lead one internal port to different groups',
    ],
  ]).map((field) => ({ ...field, blocking: true }));
}

function harmlessFields(spec: AppSpec): Unrealised[] {
  const groups = spec.processes ?? [];
  const { deploy } = spec;
  const gradual = deploy.strategy === 'canary' || deploy.strategy === 'bluegreen';
  return list([
    [gradual, 'deploy.strategy', `releases go out \`rolling\` instead of \`${deploy.strategy}\``],
    [groups.some((group) => group.regions), 'processes[].regions', 'machines run in any region'],
    [groups.some(({ vm }) => vm.gpus || vm.gpuKind), 'processes[].vm.gpus', 'machines get no GPU'],
    [
      [spec.restart, ...groups.map((group) => group.restart)].some((restart) => restart && restart.policy !== 'always'),
      'restart.policy',
      'a program that ends is always started again',
    ],
    [spec.checks.length > 0, 'checks', 'they are not run'],
    [spec.metrics.length > 0, 'metrics', 'they are not announced to Prometheus'],
    [spec.domains.length > 0, 'domains', 'the App answers inside the cluster only'],
    [spec.deletionProtection, 'deletionProtection', 'the App can be deleted'],
  ]);
}

function serviceFields(service: AppService, index: number): Unrealised[] {
  const at = `services[${index}]`;
  const [first, ...others] = service.checks;
  return [
    ...list([
      [service.autoStop !== 'off', `${at}.autoStop`, 'machines keep running'],
      [service.concurrency?.hardLimit, `${at}.concurrency.hardLimit`, 'machines take all traffic'],
      [service.concurrency?.softLimit, `${at}.concurrency.softLimit`, 'traffic is spread evenly'],
      [service.machineChecks?.length, `${at}.machineChecks`, 'they are not run'],
      [others.length > 0, `${at}.checks[1]`, 'only the first check decides about traffic'],
      [first?.method && first.method !== 'GET', `${at}.checks[0].method`, 'the check asks with GET'],
      [first?.tlsServerName, `${at}.checks[0].tlsServerName`, 'the check names no server'],
    ]),
    ...service.ports.flatMap((port, i) =>
      list([
        [
          port.handlers.includes('tls') || port.handlers.includes('pgTls'),
          `${at}.ports[${i}].handlers`,
          'the port is closed, because nothing ends TLS',
        ],
        [
          port.handlers.includes('proxyProto'),
          `${at}.ports[${i}].handlers`,
          'the port is closed, because nothing speaks the PROXY protocol',
        ],
        [port.forceHttps, `${at}.ports[${i}].forceHttps`, 'http is served without a redirect'],
        [port.httpOptions, `${at}.ports[${i}].httpOptions`, 'requests and answers pass unchanged'],
      ]),
    ),
  ];
}

/** One name for a port leads all its traffic to the same machines, so services that share a port must share groups. */
function sharesInternalPort({ services }: AppSpec): boolean {
  const groups = new Map<string, string>();
  return services.some(({ protocol, internalPort, processes }) => {
    const port = `${protocol}-${internalPort}`;
    const serving = JSON.stringify([...(processes ?? [])].sort());
    const before = groups.get(port) ?? serving;
    groups.set(port, serving);
    return before !== serving;
  });
}

function list(rows: [unknown, string, string][]): Unrealised[] {
  return rows
    .filter(([said]) => Boolean(said))
    .map(([, field, instead]) => ({ field: `spec.${field}`, instead, blocking: false }));
}
