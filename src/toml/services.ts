import type { z } from 'zod';
import type { serviceSchema } from '../api/service.ts';
import { type CheckInput, serviceCheck } from './checks.ts';
import { concurrency } from './concurrency.ts';
import { httpOptions, type PortInput, servicePort, tlsOptions } from './ports.ts';
import { type Groups, processesOf } from './processes.ts';
import { given, type Section } from './section.ts';
import { durationOf, signalOf } from './units.ts';

export type ServiceInput = z.input<typeof serviceSchema>;

/** `[http_service]`, then `[[services]]`; a single or an empty `[services]` is taken as flyctl takes it. */
export function services(root: Section, groups: Groups): ServiceInput[] {
  const http = root.section('http_service');
  const others = root.sections('services').filter((section) => section.keys().length > 0);
  const found = [...(http ? [httpService(http, groups)] : []), ...others.map((section) => service(section, groups))];
  refuseSharedPorts(root, found);
  return found;
}

/** What `[http_service]` stands for: port 80 and, with TLS, 443 (flyctl, HTTPService.ToService). */
function httpService(section: Section, groups: Groups): ServiceInput {
  const options = given({ httpOptions: httpOptions(section) });
  const forceHttps = section.boolean('force_https') ? { forceHttps: true } : {};
  const ports: PortInput[] = [
    section.made({ port: 80, handlers: ['http'], ...forceHttps, ...options }),
    section.made({ port: 443, handlers: ['tls', 'http'], ...options, ...given({ tlsOptions: tlsOptions(section) }) }),
  ];
  const checks = section.sections('checks').map((check) => serviceCheck(check, 'http', true));
  return section.made({ ...serviceFields(section, groups), ports, ...withChecks(checks), ...machineChecks(section) });
}

function service(section: Section, groups: Groups): ServiceInput {
  const ports = section.sections('ports').map(servicePort);
  const checks = [
    ...section.sections('tcp_checks').map((check) => serviceCheck(check, 'tcp')),
    ...section.sections('http_checks').map((check) => serviceCheck(check, 'http')),
  ];
  const listening = ports.length > 0 ? { ports } : {};
  return section.made({
    ...serviceFields(section, groups, section.choice('protocol', { tcp: 'tcp', udp: 'udp' })),
    ...listening,
    ...withChecks(checks),
    ...machineChecks(section),
  });
}

function serviceFields(section: Section, groups: Groups, protocol?: ServiceInput['protocol']) {
  return {
    internalPort: section.required('internal_port', section.port('internal_port'), 1),
    ...given({
      protocol,
      processes: serving(section, groups),
      autoStop: autoStop(section),
      autoStart: section.boolean('auto_start_machines'),
      minMachinesRunning: section.integer('min_machines_running', { min: 0, max: 1000 }),
      concurrency: concurrency(section),
    }),
  };
}

/** With groups of which none is `app`, which one serves must be said, on Fly and in an App. */
function serving(section: Section, groups: Groups): string[] | undefined {
  const processes = processesOf(section, groups);
  if (!processes && groups.commands.size > 1 && groups.default !== 'app') {
    const names = [...groups.commands.keys()].join(', ');
    section.wrong('processes', `is missing: say which of the groups ${names} serve here`, 'missingKey');
  }
  return processes;
}

function autoStop(section: Section): ServiceInput['autoStop'] {
  const key = 'auto_stop_machines';
  const value = section.value(key);
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'stop' : 'off';
  if (value === 'off' || value === 'stop' || value === 'suspend') return value;
  return section.wrong(key, 'must be "off", "stop" or "suspend" (or true or false)');
}

function withChecks(checks: CheckInput[]): { checks?: CheckInput[] } {
  return checks.length > 0 ? { checks } : {};
}

function machineChecks(section: Section): Pick<ServiceInput, 'machineChecks'> {
  const checks = section.sections('machine_checks').map((check) =>
    check.made(
      given({
        image: check.text('image'),
        entrypoint: check.strings('entrypoint'),
        command: check.strings('command'),
        killSignal: signalOf(check, 'kill_signal'),
        killTimeout: durationOf(check, 'kill_timeout', 'seconds', true),
      }),
    ),
  );
  return checks.length > 0 ? { machineChecks: checks } : {};
}

/** An App listens on each port once for each protocol. */
function refuseSharedPorts({ report }: Section, services: readonly ServiceInput[]): void {
  const taken = new Set<string>();
  for (const { protocol = 'tcp', ports = [] } of services) {
    for (const entry of ports) {
      if (entry.port === undefined) continue;
      const name = `${protocol} ${entry.port}`;
      const origin = report.originsOf(entry)[0] ?? [];
      if (taken.has(name))
        report.error('contradiction', [...origin, 'port'], `${entry.port} is taken by another service of this file`);
      taken.add(name);
    }
  }
}
