import type { MachineSpecInput } from '../api/machine.ts';
import { machineCheckHeaders } from './check-headers.ts';
import { type CheckInput, checks, serviceCheck } from './checks.ts';
import { concurrency } from './concurrency.ts';
import { labelOf } from './label.ts';
import { metrics } from './metrics.ts';
import { servicePort } from './ports.ts';
import type { Groups } from './processes.ts';
import { given, type Section } from './section.ts';

type ServiceInput = NonNullable<MachineSpecInput['services']>[number];

/** A machine is alone: nothing in it names a process group. */
const nobody: Groups = {
  commands: new Map([['app', undefined]]),
  origins: new Map(),
  areDeclared: false,
  default: 'app',
};

/** What a machine serves, and how it is asked whether it is well. */
export function servingOf(config: Section): Pick<MachineSpecInput, 'services' | 'checks' | 'metrics'> {
  const services = config.sections('services').map(service);
  const table = config.section('checks');
  const sections = new Map(table?.keys().map((name) => [labelOf(name), table.section(name)]));
  const own = checks(config, nobody).map((check) => ownCheck(check, sections.get(check.name), services.length > 0));
  return given({
    services: unlessEmpty(services),
    checks: unlessEmpty(own),
    metrics: unlessEmpty(metrics(config, nobody)),
  });
}

const unlessEmpty = <T>(list: T[]) => (list.length > 0 ? list : undefined);

type OwnCheck = NonNullable<MachineSpecInput['checks']>[number];

function ownCheck(check: OwnCheck, section: Section | undefined, hasServices: boolean): OwnCheck {
  if (section?.text('kind') === 'readiness')
    section.warn(
      'notSupported',
      'kind',
      'is not converted: such a check does not touch traffic; write it below a service',
    );
  if (!hasServices && check.port === undefined) section?.required('port', undefined, 0);
  return { ...check, ...(section && given({ headers: machineCheckHeaders(section) })) };
}

/** Fly's machine config has what a `[[services]]` of fly.toml becomes, with some words of its own. */
function service(section: Section): ServiceInput {
  const internalPort = section.required('internal_port', section.port('internal_port'), 1);
  const ports = section.sections('ports').map(servicePort);
  const found = section.sections('checks').map((check) => checkOf(check, internalPort));
  return section.made({
    internalPort,
    ...given({
      protocol: section.choice('protocol', { tcp: 'tcp', udp: 'udp' }),
      ports: ports.length > 0 ? ports : undefined,
      autoStop: autoStop(section),
      autoStart: section.boolean('autostart'),
      minMachinesRunning: section.integer('min_machines_running', { min: 0, max: 1000 }) || undefined,
      concurrency: concurrency(section),
      checks: found.length > 0 ? found : undefined,
    }),
  });
}

/** The API answers with the older `true` and `false` for `stop` and `off`. */
function autoStop(section: Section): ServiceInput['autoStop'] {
  const value = section.value('autostop');
  if (value === undefined || value === false || value === 'off') return undefined;
  if (value === true || value === 'stop') return 'stop';
  return value === 'suspend' ? value : section.wrong('autostop', 'must be "off", "stop" or "suspend"');
}

function checkOf(section: Section, internalPort: number): CheckInput {
  if (section.has('port') && section.port('port') !== internalPort)
    section.warn(
      'notSupported',
      'port',
      `is not converted: a check of a service asks its internal port, ${internalPort}`,
    );
  const type = section.required<CheckInput['type']>(
    'type',
    section.choice('type', { tcp: 'tcp', http: 'http' }),
    'tcp',
  );
  return { ...serviceCheck(section, type), ...given({ headers: machineCheckHeaders(section) }) };
}
