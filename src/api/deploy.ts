import * as z from 'zod';
import { command, commandForm, duration, type Rule, rules } from './scalars.ts';
import { vmSchema } from './vm.ts';

/** A release must come to an end, and a timer to its time. */
const bounded = (field: string): Rule => ({
  rule: `!has(self.${field}) || (duration(self.${field}) >= duration('1s') && duration(self.${field}) <= duration('24h'))`,
  message: `${field} must be from \`1s\` to \`24h\``,
  fieldPath: `.${field}`,
});

const deployFields = z.object({
  strategy: z
    .enum(['rolling', 'immediate', 'canary', 'bluegreen'])
    .default('rolling')
    .describe('How a new release replaces the old one.'),
  maxUnavailable: z
    .union([
      z.int().min(1),
      z
        .string()
        .max(5)
        .regex(/^(100|[1-9]?[0-9])%$/),
    ])
    .default('33%')
    .meta({
      'x-kubernetes-int-or-string': true,
      ...rules({
        rule: "type(self) == int ? self >= 1 : self.matches('^(100|[1-9]?[0-9])%$')",
        message: 'must be a number of machines from 1, or a percentage: `1`, `33%`',
      }),
    })
    .describe('How many machines of a group may be replaced at once (rolling): a number or a percentage.'),
  waitTimeout: duration().default('5m').describe('A release that is not healthy after this time has failed.'),
  releaseCommand: command().optional().describe(`Command that must succeed before a release goes out. ${commandForm}`),
  releaseCommandTimeout: duration().optional().describe('Time the release command has. Default: `5m`.'),
  releaseCommandVm: vmSchema.optional(),
  autoRollback: z.boolean().default(true).describe('Whether a failed release is replaced by the one before it.'),
  rollbackTo: z
    .int()
    .min(1)
    .optional()
    .describe('Version of an earlier release to run instead of what the spec says. The last 10 are kept.'),
});

export const deploySchema = deployFields.meta(rules(bounded('waitTimeout'), bounded('releaseCommandTimeout')));
