import type { ObservedPod } from '../api/kubernetes.ts';
import type { Machine } from '../api/machine.ts';
import { label } from '../api/meta.ts';
import { machines } from '../controller/resources.ts';
import { isNotFound } from '../kube/errors.ts';
import { pods } from '../kube/resources.ts';
import { firstTrouble } from '../release/machine-trouble.ts';
import { CommandError } from './command-error.ts';
import { consoleGroup, type consoleMachine } from './console-machine.ts';
import { cliManager } from './field-manager.ts';
import { warn } from './messages.ts';
import type { Session } from './session.ts';
import { untilThere } from './wake.ts';

const waitMs = 120_000;

/** Makes a Machine, has it used while it runs, and deletes it in any case. */
export async function withNewMachine(
  session: Session,
  machine: ReturnType<typeof consoleMachine>,
  use: (pod: string) => Promise<number>,
): Promise<number> {
  const { client, namespace } = session;
  const { name } = machine.metadata;
  await client.create(machines, machine, { fieldManager: cliManager });
  try {
    return await use(await podOf(session, name));
  } finally {
    await client.delete(machines, { namespace, name }).catch((error: Error) => {
      // It may have ended by itself.
      if (!isNotFound(error)) warn(`${error.message}; delete it with \`kubectl delete afm ${name} -n ${namespace}\``);
    });
  }
}

/** The pod of a Machine, once its program runs. */
async function podOf(session: Session, name: string): Promise<string> {
  const { client, namespace, signal } = session;
  const labelSelector = `${label.machine}=${name}`;
  let trouble: string | undefined;
  const running = async () => {
    const { items } = await client.list<ObservedPod>(pods, { namespace, labelSelector, signal });
    trouble = firstTrouble(items)?.message;
    return items.find(({ status }) =>
      status?.containerStatuses?.some((one) => one.name === consoleGroup && one.state?.running),
    );
  };
  const pod = await untilThere(running, { ms: waitMs, signal });
  if (pod) return pod.metadata.name;
  throw new CommandError(await whyNot(session, name, trouble));
}

async function whyNot({ client, namespace }: Session, name: string, trouble: string | undefined): Promise<string> {
  if (trouble) return `${trouble}: see \`kubectl get afm ${name} -o yaml\` while it is tried`;
  const { status } = await client.get<Machine>(machines, { namespace, name });
  const why = status?.conditions?.find(({ type }) => type === 'Ready')?.message;
  return why ? `machine ${name} does not run: ${why}` : 'no operator has started the machine: `airfield doctor`';
}
