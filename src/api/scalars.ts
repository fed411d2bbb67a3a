import * as z from 'zod';
import { ShlexError, shlex } from './shlex.ts';

/**
 * The small values that fields are made of. Each bound is there for a reason: Kubernetes gives CEL rules a cost budget
 * that it computes from the declared lengths, and patterns must be RE2.
 */
export const text = (maxLength: number) => anyText(maxLength).min(1);

/**
 * The same, which may be empty. The API server counts characters where JavaScript counts units of UTF-16, which an emoji has two
 * of: what it has taken has to be understood.
 */
export const anyText = (maxLength: number) =>
  z
    .string()
    .refine((value) => value.length <= maxLength || [...value].length <= maxLength, {
      message: `must be no more than ${maxLength} characters`,
      abort: true,
    })
    .meta({ maxLength });

/** Of the letters that names of images are made of: what `\S` is differs from JavaScript to RE2. */
export const image = () => text(512).regex(/^[!-~]+$/);

/** A DNS label: lower case, at most 63 characters. */
export const dnsLabel = () =>
  z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** The name of most objects: DNS labels with dots between them, at most 253 characters. */
export const dnsSubdomain = () =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** A duration as Go and Kubernetes write it: `10s`, `1m30s`, `500ms`. No days. */
export const duration = () =>
  z
    .string()
    .max(32)
    .regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/);

/** Time between the signal that asks a machine to stop and the kill; Fly has the same bound. */
export const killTimeout = () =>
  duration().meta(rules({ rule: "duration(self) <= duration('5m')", message: 'killTimeout may be at most `5m`' }));

/** A Kubernetes quantity of bytes: `512Mi`, `1Gi`, `1G`, or plain bytes. */
export const bytes = () =>
  z
    .string()
    .max(20)
    .regex(/^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/);

export const port = () => z.int().min(1).max(65535);

/**
 * A command, one word an element. The schema of a CRD cannot say "a string or a list", so one single element with blanks
 * in it stands for a string that is split as a shell would: `["npm run migrate"]`.
 */
export const command = () => z.array(anyText(4096)).min(1).max(64).superRefine(refuseUnsplittable);
export const commandForm = 'One word an element, or one element that is split as a shell would: `["npm run migrate"]`.';

/** The names of process groups that something applies to. */
export const processes = () => z.array(dnsLabel()).min(1).max(32).meta({ 'x-kubernetes-list-type': 'set' });

export const signal = () =>
  z.enum(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGWINCH']);

/** A list whose elements are known by one of their fields, so that two managers can own different elements. */
export const mapOf = <T extends z.ZodType>(element: T, keys: string[], max: number) =>
  z.array(element).max(max).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });

/** A rule that the API server checks in CEL. `message` says what to write instead. */
export interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  fieldPath?: string;
}

/** A list of words as CEL writes it. */
export const celList = (items: readonly string[]) => `[${items.map((item) => `'${item}'`).join(', ')}]`;

export const rules = (...list: readonly Rule[]) => ({ 'x-kubernetes-validations': list });

/** The words of a command that has passed the schema. */
export function wordsOf(command: readonly string[]): string[] {
  const [only = '', ...more] = command;
  return more.length === 0 && /\s/.test(only) ? shlex(only) : [...command];
}

function refuseUnsplittable(command: readonly string[], context: z.RefinementCtx): void {
  try {
    if (wordsOf(command).length === 0) context.addIssue('has no word in it');
  } catch (error) {
    if (!(error instanceof ShlexError)) throw error;
    context.addIssue(error.message);
  }
}
