import { seconds } from '../api/duration.ts';
import type { MachineSpecInput } from '../api/machine.ts';
import { configOf, metadataOf } from './machine-fleet.ts';
import { given, type Section } from './section.ts';
import { durationOf, signalOf } from './units.ts';

const policies = { no: 'no', always: 'always', 'on-failure': 'onFailure' } as const;

/** `restart` of a machine. Without a word a machine of Fly is started again after a failure, and one that serves always. */
export function restartOf(config: Section, serves: boolean): MachineSpecInput['restart'] {
  const section = config.section('restart');
  const policy = section?.choice('policy', policies);
  const maxRetries = section?.integer('max_retries', { min: 0, max: 1000 }) || undefined;
  if (serves) {
    const message = 'is not converted: a machine that serves is always started again';
    if (policy === 'no') section?.warn('noEffect', 'policy', message);
    if (policy === 'onFailure') section?.warn('approximated', 'policy', message);
    return undefined;
  }
  if (policy === 'always') return undefined;
  return policy === 'no' ? { policy } : given({ policy: 'onFailure' as const, maxRetries });
}

/** `stop_config`. */
export function stopOf(config: Section): Pick<MachineSpecInput, 'killSignal' | 'killTimeout'> {
  const section = config.section('stop_config');
  if (!section) return {};
  const killTimeout = durationOf(section, 'timeout', 'seconds');
  if (killTimeout !== undefined && seconds(killTimeout) > 300) section.wrong('timeout', 'may be at most 5 minutes');
  return given({ killSignal: signalOf(section, 'signal'), killTimeout });
}

type Life = Pick<
  MachineSpecInput,
  'state' | 'cordoned' | 'autoDestroy' | 'metadata' | 'dns' | 'standbyFor' | 'statics'
>;

/** What a machine is told beside what runs in it. */
export function lifeOf(machine: Section, config: Section): Life {
  const standbyFor = config.strings('standbys');
  return given({
    state: stateOf(machine, config),
    cordoned: machine.boolean('cordoned') || undefined,
    autoDestroy: config.boolean('auto_destroy') || undefined,
    metadata: unlessEmpty(ownMetadata(machine)),
    dns: dnsOf(config),
    standbyFor: standbyFor?.length ? standbyFor : undefined,
    statics: staticsOf(config),
  });
}

/** A machine that Fly's proxy may stop and start is to be started: that it was stopped is no wish of anybody. */
function stateOf(machine: Section, config: Section): Life['state'] {
  const state = machine.text('state') ?? '';
  const wanted = ({ created: 'stopped', stopped: 'stopped', suspended: 'suspended' } as const)[state];
  const byProxy = config
    .sections('services')
    .some((service) => ![undefined, false, 'off'].includes(service.value('autostop') as never));
  if (wanted && byProxy && state !== 'created') {
    machine.report.warn(
      'approximated',
      machine.at('state'),
      `is ${state}, which is for autostop to decide: the Machine is started`,
    );
    return undefined;
  }
  return wanted;
}

/** Without what the platform writes for itself. */
export function ownMetadata(machine: Section): Record<string, string> {
  const entries = Object.entries(metadataOf(machine));
  return Object.fromEntries(entries.filter(([key]) => key === 'fly_process_group' || !/^fly[_-]/.test(key)));
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}

function dnsOf(config: Section): Life['dns'] {
  const section = config.section('dns');
  if (!section) return undefined;
  const options = section.sections('options').map((option) => ({
    name: option.required('name', option.text('name'), 'x'),
    ...given({ value: option.text('value') }),
  }));
  const list = (key: string) => (section.strings(key)?.length ? section.strings(key) : undefined);
  return unlessEmpty(
    given({
      skipRegistration: section.boolean('skip_registration') || undefined,
      nameservers: list('nameservers'),
      searches: list('searches'),
      options: options.length > 0 ? options : undefined,
    }),
  );
}

function staticsOf(config: Section): Life['statics'] {
  const found = config.sections('statics').map((section) => ({
    guestPath: section.required('guest_path', section.text('guest_path'), '/'),
    urlPrefix: section.required('url_prefix', section.text('url_prefix'), '/'),
  }));
  return found.length > 0 ? found : undefined;
}

/** `config` of a machine, without which there is nothing to convert. */
export function wholeConfigOf(machine: Section): Section | undefined {
  const config = configOf(machine);
  const what = 'pass what `fly machine list --json` prints';
  if (!config && !machine.has('config')) machine.report.error('brokenMachines', machine.path, `has no config: ${what}`);
  if (config && !machine.has('config'))
    machine.warn(
      'approximated',
      'incomplete_config',
      'is all that Fly knows while it does not reach the host: look it over',
    );
  return config;
}
