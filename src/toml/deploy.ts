import type { AppSpecInput } from '../api/app.ts';
import { command } from './processes.ts';
import { given, type Section } from './section.ts';
import { durationOf } from './units.ts';
import { vm } from './vm.ts';

type DeployInput = NonNullable<AppSpecInput['deploy']>;

const strategies = { rolling: 'rolling', immediate: 'immediate', canary: 'canary', bluegreen: 'bluegreen' } as const;

/** `[deploy]`, and `auto_rollback` of `[experimental]`. */
export function deploy(root: Section, hasMounts: boolean): DeployInput | undefined {
  const section = root.section('deploy');
  const autoRollback = root.section('experimental')?.boolean('auto_rollback');
  const found = { ...(section ? deployFields(section, hasMounts) : {}), ...given({ autoRollback }) };
  return Object.keys(found).length > 0 ? root.report.made(found, root.at('deploy')) : undefined;
}

function deployFields(section: Section, hasMounts: boolean): DeployInput {
  const strategy = section.choice('strategy', strategies);
  if (hasMounts && (strategy === 'canary' || strategy === 'bluegreen')) {
    section.wrong(
      'strategy',
      `cannot be "${strategy}" with mounts, because a volume belongs to one machine: write "rolling"`,
      'contradiction',
    );
  }
  const releaseVm = section.section('release_command_vm');
  return given({
    strategy,
    maxUnavailable: maxUnavailable(section),
    waitTimeout: durationOf(section, 'wait_timeout', 'seconds', true),
    releaseCommand: command(section, 'release_command'),
    releaseCommandTimeout: durationOf(section, 'release_command_timeout', 'seconds', true),
    releaseCommandVm: releaseVm && vm(releaseVm),
  });
}

/** Below 1 a part of the machines, else their number. */
function maxUnavailable(section: Section): number | string | undefined {
  const key = 'max_unavailable';
  const value = section.number(key);
  if (value === undefined || value >= 1) return value && Math.trunc(value);
  const percent = Math.round(value * 100);
  return percent >= 1 ? `${percent}%` : section.wrong(key, 'must be a number from 1, or a part like 0.33');
}
