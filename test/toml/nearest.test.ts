import { expect, it } from 'vitest';
import { nearest } from '../../src/toml/nearest.ts';

const known = ['auto_stop_machines', 'auto_start_machines', 'min_machines_running', 'internal_port', 'checks', 'app'];

it.each([
  ['auto_machine_stop', 'auto_stop_machines'],
  ['auto_start_machine', 'auto_start_machines'],
  ['machines_min_running', 'min_machines_running'],
  ['internal-port', 'internal_port'],
  ['internla_port', 'internal_port'],
  ['check', 'checks'],
  ['ap', 'app'],
])('%s means %s', (written, meant) => {
  expect(nearest(written, known)).toBe(meant);
});

it.each(['colour', 'port', '', 'organisation', 'internal_port'.repeat(1_000_000)])(
  'what is far from everything means nothing (%#)',
  (written) => {
    expect(nearest(written, known)).toBeUndefined();
  },
);
