import { Command } from 'commander';
import { seconds } from '../api/duration.ts';
import type { ObservedCronJob, ObservedJob } from '../api/kubernetes.ts';
import type { ScheduleStatus } from '../api/schedule.ts';
import type { Client } from '../kube/client.ts';
import type { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { durationFlag } from './duration-flag.ts';
import { failed, note } from './messages.ts';

interface Flags {
  readonly namespace?: string;
  readonly context?: string;
  readonly wait?: boolean;
  readonly timeout: string;
}

type StoredSchedule = KubeObject & { readonly status?: Partial<ScheduleStatus> };

const examples = `
Examples:
  airfield run-now backup                          begin a run of the Schedule backup, and print its Job
  airfield run-now backup --wait --timeout 20m     and wait until it is over
  kubectl logs --follow $(airfield run-now backup) --pod-running-timeout=1m

A run by hand is like one that was due, also of a Schedule that is suspended; its \`concurrency\` is about runs that are
due, and not asked. The cluster is that of KUBECONFIG or ~/.kube/config.
Exit code: 0 when the run has begun, with --wait when it has succeeded; 1 when it has failed, or was not over in time;
2 when something is wrong.`;

/** `airfield run-now <schedule>`: a run of a Schedule, now. */
export function runNowCommand(): Command {
  return new Command('run-now')
    .summary('begin a run of a Schedule now')
    .description('Begin a run of a Schedule now, whenever the next one is due.')
    .argument('<schedule>', 'name of the Schedule')
    .option('-n, --namespace <name>', 'namespace of the Schedule (default: that of the kubeconfig)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--wait', 'wait until the run is over, and say how it goes')
    .option('--timeout <duration>', 'longest time to wait', durationFlag, '1h')
    .addHelpText('after', examples)
    .action(async (name: string, flags: Flags) => {
      process.exitCode = await runNow(name, flags);
    });
}

async function runNow(name: string, flags: Flags): Promise<number> {
  const [{ connect }, { KubeError }] = await Promise.all([import('../kube/client.ts'), import('../kube/errors.ts')]);
  let client: Client;
  try {
    client = await connect({ context: flags.context, requestTimeoutMs: 15_000 });
  } catch (error) {
    return failed((error as Error).message);
  }
  const ref = { namespace: flags.namespace ?? client.namespace, name };
  try {
    const job = await begin(client, ref);
    if (typeof job === 'string') return failed(job);
    process.stdout.write(`job/${job.metadata.name}\n`);
    return flags.wait ? await wait(client, job, flags.timeout) : 0;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return failed(explained(error, ref));
  } finally {
    client.close();
  }
}

interface Ref {
  readonly namespace: string;
  readonly name: string;
}

/** The Job of a new run, or why there can be none. */
async function begin(client: Client, ref: Ref): Promise<ObservedJob | string> {
  const [{ schedules }, { cronJobs, jobs }, { isNotFound }, { manualRun }] = await Promise.all([
    import('../controller/resources.ts'),
    import('../kube/resources.ts'),
    import('../kube/errors.ts'),
    import('./manual-run.ts'),
  ]);
  const schedule = await client.get<StoredSchedule>(schedules, ref);
  const cronJob = await client.get<ObservedCronJob>(cronJobs, ref).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    return undefined;
  });
  const isOwn = cronJob?.metadata.ownerReferences?.some(({ uid }) => uid === schedule.metadata.uid);
  if (!cronJob || !isOwn) return `Schedule ${ref.name} has nothing to run yet: ${whyNot(schedule)}`;
  const { namespace } = ref;
  if (schedule.status?.observedGeneration !== schedule.metadata.generation)
    note('the operator has not acted on the last change of the Schedule yet: this run is as it was before');
  const job = (await client.create(jobs, manualRun(cronJob) as never)) as ObservedJob;
  note(
    `\`kubectl logs --follow job/${job.metadata.name} --pod-running-timeout=1m -n ${namespace}\` shows what it says`,
  );
  return job;
}

function whyNot({ status }: StoredSchedule): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'False') return `${ready.reason}: ${ready.message}`;
  return 'the operator has not made its CronJob; does it run?';
}

async function wait(client: Client, { metadata }: ObservedJob, timeout: string): Promise<number> {
  const { waitForRun } = await import('./run-progress.ts');
  const { name, namespace } = metadata;
  const began = Date.now();
  const say = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  const until = new Date(began + seconds(timeout) * 1000);
  const run = await waitForRun({ client, job: { namespace, name }, until, onProgress: say });
  const after = `after ${Math.round((Date.now() - began) / 1000)} s`;
  if (run?.result === 'succeeded') {
    say(`succeeded ${after}`);
    return 0;
  }
  if (run?.result === 'running') say(`not over ${after}, and goes on: wait longer with --timeout`);
  else say(run ? `${run.message} (${after})` : `its Job was deleted ${after}`);
  return 1;
}

function explained(error: KubeError, { namespace, name }: Ref): string {
  const { status, details, message } = error;
  if (status === 401) return `${message}; log in again, or choose another user with --context`;
  if (status === 403) return `${message}; ask for the rights to get schedules and cronjobs, and to create jobs`;
  if (status !== 404) return message;
  if (details?.kind !== 'schedules')
    return `${message}; the cluster has no Schedules yet: \`kubectl apply --server-side -f crds/\``;
  return `there is no Schedule ${name} in namespace ${namespace}: \`kubectl get afsch -n ${namespace}\` lists them`;
}
