import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionOf } from '../../src/commands/candidates.ts';
import { completionCommand } from '../../src/commands/completion.ts';
import { convertCommand } from '../../src/commands/convert.ts';
import { logsCommand } from '../../src/commands/logs.ts';
import { scaleCommand } from '../../src/commands/scale.ts';
import { statusCommand } from '../../src/commands/status.ts';

const program = new Command('airfield');
for (const verb of [completionCommand(), convertCommand(), logsCommand(), scaleCommand(), statusCommand()])
  program.addCommand(verb);

const words = (...given: string[]) => completionOf(program, given).candidates.map(({ word }) => word);
const sought = (...given: string[]) => completionOf(program, given).sought;

describe('what a word may become', () => {
  it('is a verb, at first', () => {
    expect(words('')).toEqual(['completion', 'convert', 'logs', 'scale', 'status']);
    expect(words('s')).toEqual(['scale', 'status']);
  });

  it('is a verb of a verb, without what is hidden', () => {
    expect(words('scale', '')).toEqual(['vm', 'show']);
  });

  it('is an option of the verb', () => {
    expect(words('logs', '--tim')).toEqual(['--timestamps']);
    expect(words('scale', 'vm', '--mem')).toEqual(['--memory']);
  });

  it('is a value of the option before it', () => {
    expect(words('status', '-o', '')).toEqual(['text', 'json']);
    expect(words('status', '--output', '=', 'j')).toEqual(['json']);
  });

  it('is a word that is allowed there', () => {
    expect(words('completion', 'f')).toEqual(['fish']);
    expect(words('scale', 'vm', 'performance-16')).toEqual(['performance-16x']);
  });

  it.each([
    ['apps', ['status', '-a', '']],
    ['apps', ['status', '-n', 'acme', '--app', 'he']],
    ['namespaces', ['status', '-n', '']],
    ['contexts', ['status', '--context', '']],
    ['machines', ['logs', '-a', 'hello', '--machine', '']],
    ['files', ['convert', '']],
    ['files', ['status', '--kubeconfig', '']],
    ['nothing', ['status', '']],
    ['nothing', ['logs', '--tail', '']],
  ])('is one of the %s after %j', (what, given) => {
    expect(sought(...given)).toBe(what);
  });

  it('is not taken for a verb where it is the value of an option', () => {
    expect(sought('-a', 'logs', 'status', '-a', '')).toBe('apps');
  });
});
