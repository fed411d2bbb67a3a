import * as z from 'zod';
import { reservedEnv, variableName } from './app-rules.ts';
import { conditionSchema } from './conditions.ts';
import { anyText, celList, dnsLabel, mapOf, rules } from './scalars.ts';
import { keyRef } from './storage.ts';

/** What can stand for a value in a Secret; the word is the source that the status names. */
export const secretSources = ['sealed', 'secretKeyRef', 'generate', 'value'] as const;

/** What a generated value is made of. */
export const alphabets = ['alphanumeric', 'hex', 'base64url'] as const;

/** Most characters of a sealed value: those of about 70,000 bytes. */
export const maxSealedLength = 98_304;

/**
 * The first and last line of age's ASCII armour (https://age-encryption.org/v1). No `pattern`: the API server repeats what
 * does not match one, and that may be a value which somebody has forgotten to seal.
 */
const armour = { begin: '-----BEGIN AGE ENCRYPTED FILE-----', end: '-----END AGE ENCRYPTED FILE-----' };

const secretValueSchema = z
  .object({
    sealed: anyText(maxSealedLength)
      .optional()
      .describe('What `airfield seal` printed for this namespace, Secret and key. Safe in Git.'),
    secretKeyRef: keyRef('core Secret', 'is the value')
      .optional()
      .describe('A key of a core Secret of the namespace, whoever writes it: external-secrets, another operator, you.'),
    generate: z
      .object({
        length: z.int().min(8).max(1024).default(32).describe('Number of characters.'),
        alphabet: z.enum(alphabets).default('alphanumeric').describe('What the value is made of.'),
      })
      .optional()
      .describe('A random value, made once and kept.'),
    value: anyText(65_536)
      .optional()
      .describe(
        'The value itself. Whoever can read this object or the file it came from can read it: seal it instead.',
      ),
  })
  .meta(
    rules(
      {
        rule: `!has(self.sealed) || (self.sealed.startsWith('${armour.begin}') && ['', '\\n', '\\r\\n'].exists(end, self.sealed.endsWith('${armour.end}' + end)))`,
        message: 'sealed must be what `airfield seal` prints, from its line BEGIN to its line END',
        fieldPath: '.sealed',
      },
      {
        rule: '[has(self.sealed), has(self.secretKeyRef), has(self.generate), has(self.value)].filter(x, x).size() == 1',
        message: 'write exactly one of `sealed`, `secretKeyRef`, `generate` and `value`',
      },
    ),
  );

export const secretSpecSchema = z
  .object({
    apps: z
      .array(dnsLabel())
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional()
      .describe('Apps that get the values in their environment. Default: the App that is called as this Secret.'),
    staged: z
      .boolean()
      .default(false)
      .describe('Whether a changed value waits for the next release of its Apps instead of making one.'),
    data: z.record(z.string(), secretValueSchema).describe('Where the value of each variable comes from.'),
  })
  .meta(
    rules(
      {
        rule: `!has(self.data) || self.data.all(k, k.matches('${variableName.source}'))`,
        message:
          'a key of data is the name of a variable: up to 253 letters, digits, `_`, `-` and `.`, not beginning with a digit or `..`',
        fieldPath: '.data',
      },
      {
        rule: `!has(self.data) || self.data.all(k, !(k in ${celList(reservedEnv)}))`,
        message: `data sets a variable that Airfield sets itself; remove it (${reservedEnv.join(', ')})`,
        fieldPath: '.data',
      },
    ),
  );

export const secretStatusSchema = z
  .object({
    observedGeneration: z.int().default(-1).describe('Generation of the spec that this status speaks of.'),
    conditions: mapOf(conditionSchema, ['type'], 16)
      .optional()
      .describe(
        '`Ready` always; `Reconciling`, `Stalled`, `KeyConflict`, `OldSealingKey` and `PlainValue` only while they are true.',
      ),
    keys: mapOf(
      z.object({
        name: z.string().max(253).describe('Name of the variable.'),
        source: z.enum(secretSources).describe('Where its value comes from.'),
        digest: z
          .string()
          .max(64)
          .describe('Changes with the value and tells nothing about it: made with a key that only the operator has.'),
        sealedFor: z.string().max(128).optional().describe('Public key that a sealed value is for.'),
      }),
      ['name'],
      256,
    )
      .optional()
      .describe('The values that there are, by name.'),
    count: z.int().optional().describe('Number of values.'),
    apps: z.array(z.string().max(63)).max(64).optional().describe('Apps that get them.'),
  })
  .prefault({})
  .describe('What the operator saw last.');

export const secretSchema = z
  .object({ spec: secretSpecSchema.describe('The values, and who gets them.'), status: secretStatusSchema })
  .meta(
    rules(
      {
        rule: 'self.metadata.name.size() <= 63',
        message: 'the name of a Secret may have 63 characters: it is a label of the core Secret that is made of it',
      },
      {
        rule: '!has(self.spec.data) || self.spec.data.all(k, !has(self.spec.data[k].secretKeyRef) || self.spec.data[k].secretKeyRef.name != self.metadata.name)',
        message:
          'spec.data: the core Secret of this name is made by this Secret, so no value can come from it: give one of the two another name',
      },
    ),
  );

export type SecretSpec = z.infer<typeof secretSpecSchema>;
export type SecretSpecInput = z.input<typeof secretSpecSchema>;
export type SecretValue = z.infer<typeof secretValueSchema>;
export type SecretStatus = z.infer<typeof secretStatusSchema>;
export type SecretSource = (typeof secretSources)[number];
