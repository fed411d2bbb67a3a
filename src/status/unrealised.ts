import type { App, AppSpec } from '../api/app.ts';
import type { ConditionClaim } from '../api/conditions.ts';
import type { MachineService } from '../api/machine.ts';
import type { AppService } from '../api/service.ts';
import { isGatedPort } from '../desired/gated.ts';
import { appliesTo, groupsOf, mountsOf } from '../desired/groups.ts';
import { restartOf, whyAlways } from '../desired/restarts.ts';
import type { Settings } from '../desired/settings.ts';

/** A field that Airfield reads but does not act on. */
export interface Unrealised {
  readonly field: string;
  /** What happens instead. */
  readonly instead: string;
  /** Whether Kubernetes has nothing that it could become; else it only is not there yet. */
  readonly isFinal: boolean;
}

export type Row = readonly [said: unknown, field: string, instead: string];

/**
 * Every field of the App that says something which is not acted on, with gates and an edge or without. None is ignored
 * silently.
 */
export function unrealisedFields(
  { spec }: Pick<App, 'spec'>,
  hasGates: boolean,
  { edge, canResize = true }: Partial<Pick<Settings, 'edge' | 'canResize'>> = {},
): Unrealised[] {
  const later = [...(edge ? [] : domainFields(spec)), ...(hasGates ? [] : spec.services.flatMap(gatedFields))];
  const never = [
    ...(edge?.kind === 'httproute' ? gatewayFields(spec, hasGates) : []),
    ...foreignFields(spec),
    ...(hasGates ? spec.services.flatMap(postgresFields) : []),
    ...(hasGates && !canResize ? spec.services.map(suspendField) : []),
    ...spec.services.flatMap(checkFields),
    ...spec.services.flatMap((service, index) => machineCheckFields(spec, service, index)),
  ];
  return [...list(later, false), ...list(never, true)];
}

function domainFields({ domains }: AppSpec): Row[] {
  return [
    [domains.length > 0, 'domains', 'the App answers inside the cluster only, for the operator has no AIRFIELD_EDGE'],
  ];
}

/** A Gateway has certificates of its own; only gates have those of Apps beside it. */
function gatewayFields({ domains, services }: AppSpec, hasGates: boolean): Row[] {
  const endsTls = services.some(({ ports }) => ports.some(({ handlers }) => handlers.includes('tls')));
  if (hasGates && endsTls) return [];
  return domains.map(({ tlsSecretName }, index) => [
    tlsSecretName,
    `domains[${index}].tlsSecretName`,
    'the Gateway has its own certificates',
  ]);
}

/** Nothing here speaks the beginning of Postgres, which asks for TLS in words of its own. */
function postgresFields(service: AppService, index: number): Row[] {
  return service.ports.map((port, i) => [
    port.handlers.includes('pgTls'),
    `services[${index}].ports[${i}].handlers`,
    isGatedPort(service, port)
      ? 'the port speaks Postgres without TLS'
      : 'the port is closed, because nothing ends TLS',
  ]);
}

function suspendField({ autoStop }: AppService, index: number): Row {
  const instead =
    'this cluster cannot resize pods in place (Kubernetes 1.33 or newer does): machines are stopped instead';
  return [autoStop === 'suspend', `services[${index}].autoStop`, instead];
}

/** What needs something in the way of the traffic. */
export function gatedFields(service: MachineService, index: number): Row[] {
  const at = `services[${index}]`;
  return [
    [service.autoStop !== 'off', `${at}.autoStop`, 'machines keep running'],
    [service.concurrency?.hardLimit, `${at}.concurrency.hardLimit`, 'machines take all traffic'],
    [service.concurrency?.softLimit, `${at}.concurrency.softLimit`, 'traffic is spread evenly'],
    ...service.ports.flatMap((port, i): Row[] => [
      [port.handlers.includes('tls'), `${at}.ports[${i}].handlers`, 'the port is closed, because nothing ends TLS'],
      [
        port.handlers.includes('proxyProto'),
        `${at}.ports[${i}].handlers`,
        'the port is closed, because nothing speaks the PROXY protocol',
      ],
      [port.forceHttps, `${at}.ports[${i}].forceHttps`, 'http is served without a redirect'],
      [port.httpOptions, `${at}.ports[${i}].httpOptions`, 'requests and answers pass unchanged'],
    ]),
  ];
}

function foreignFields(spec: AppSpec): Row[] {
  const restarts = groupsOf(spec).flatMap(({ name }) => restartFields(spec, name));
  return [[spec.swap, 'swap', 'pods have no swap: give vm.memory instead'], ...restarts];
}

/** What always runs is a Deployment or a StatefulSet, whose pods are always started again. */
function restartFields(spec: AppSpec, group: string): Row[] {
  const why = whyAlways(spec, group);
  const { policy } = restartOf(spec, group);
  if (!why || policy === 'always') return [];
  const index = spec.processes?.findIndex(({ name, restart }) => name === group && restart) ?? -1;
  const always = `machines of \`${group}\`, which has ${why}, are always started again`;
  const instead = policy === 'no' ? always : `${always}, also after a good end, and as often as they fail`;
  return [[true, `${index < 0 ? '' : `processes[${index}].`}restart.policy`, instead]];
}

function machineCheckFields(spec: AppSpec, service: AppService, index: number): Row[] {
  if (!service.machineChecks?.length) return [];
  const names = groupsOf(spec).map(({ name }) => name);
  const withVolumes = names.filter((name) => appliesTo(spec, service, name) && mountsOf(spec, name).length > 0);
  return withVolumes.map((name) => [
    true,
    `services[${index}].machineChecks`,
    `machines of \`${name}\` are not checked before a release: a new one cannot run beside the one that has its volumes`,
  ]);
}

/** The kubelet asks with GET, and without a server name. */
function checkFields({ checks }: AppService, index: number): Row[] {
  return checks.flatMap((check, i): Row[] => {
    const at = `services[${index}].checks[${i}]`;
    return [
      [check.method && check.method !== 'GET', `${at}.method`, 'the check asks with GET'],
      [check.tlsServerName, `${at}.tlsServerName`, 'the check names no server'],
      [
        check.tlsSkipVerify === false && check.protocol === 'https',
        `${at}.tlsSkipVerify`,
        'any certificate is accepted',
      ],
    ];
  });
}

/** The rows that say something. */
export function list(rows: readonly Row[], isFinal: boolean): Unrealised[] {
  return rows
    .filter(([said]) => Boolean(said))
    .map(([, field, instead]) => ({ field: `spec.${field}`, instead, isFinal }));
}

/** The condition `Unrealised`, there only while it is true. */
export function unrealisedClaim(fields: readonly Unrealised[]): ConditionClaim[] {
  if (fields.length === 0) return [];
  const told = (some: readonly Unrealised[]) => some.map(({ field, instead }) => `${field} (${instead})`).join('; ');
  const [never, later] = [fields.filter(({ isFinal }) => isFinal), fields.filter(({ isFinal }) => !isFinal)];
  const message = [
    later.length > 0 ? `not supported yet: ${told(later)}` : '',
    never.length > 0 ? `not available on Kubernetes: ${told(never)}` : '',
  ];
  const reason = later.length > 0 ? 'NotYetSupported' : 'NotAvailable';
  return [{ type: 'Unrealised', status: 'True', reason, message: message.filter(Boolean).join('; ') }];
}
