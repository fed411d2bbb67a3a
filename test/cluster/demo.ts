/** `npm run demo`: the hello example from its fly.toml to an answer, on a real Kubernetes, with kubectl. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { kubectlPath } from './binaries.ts';
import { chooseProvider } from './choose.ts';
import { run, tail, until } from './exec.ts';
import { buildImage } from './image/build.ts';
import { onStderr as progress } from './progress.ts';
import type { Provider } from './provider.ts';

const root = join(import.meta.dirname, '..', '..');
const example = join(root, 'examples', 'hello');
const namespace = 'airfield-demo';
const airfield = (...args: string[]) => run(process.execPath, [join(root, 'src', 'cli.ts'), ...args]);

async function main(): Promise<void> {
  const began = performance.now();
  const manifest = await airfield('convert', join(example, 'fly.toml'), '--namespace', namespace);
  console.log(`examples/hello/fly.toml becomes:\n\n${manifest}`);
  const provider = await chooseProvider({ name: 'airfield' });
  await provider.up({ nodes: 1, apiOnly: false }, progress);
  await provider.loadImage(await buildImage(example), progress);
  const kubeconfig = await provider.kubeconfig();
  const kubectl = await kubectlFor(kubeconfig);
  await progress.step('kubectl apply: the CRDs and a namespace', async () => {
    await kubectl(['apply', '--server-side', '-f', join(root, 'crds')]);
    await kubectl(['wait', '--for=condition=Established', 'crd/apps.airfield.dev', '--timeout=30s']);
    await kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    );
  });
  const operator = startOperator(kubeconfig);
  try {
    await Promise.race([operator.ended, show(kubectl, manifest, began)]);
    whatNext(provider, kubeconfig, await kubectlPath());
    if (process.stdin.isTTY) await Promise.race([operator.ended, untilInterrupted()]);
  } finally {
    operator.stop();
  }
}

type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

async function kubectlFor(kubeconfig: string): Promise<Kubectl> {
  const path = await kubectlPath();
  return (args, input) =>
    run(path, ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args], input === undefined ? {} : { input });
}

/** From the manifest to an answer. */
async function show(kubectl: Kubectl, manifest: string, began: number): Promise<void> {
  await kubectl(['apply', '-f', '-'], manifest);
  await progress.step('app/hello is Ready', () =>
    kubectl(['wait', '--for=condition=Ready', 'app/hello', '--timeout=120s']),
  );
  const answer = await until('an answer', () => askThroughService(kubectl), 30_000, 500);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `\n$ curl http://hello.flycast/          # from inside the cluster, ${seconds} s after the start\n${answer}`,
  );
  console.log(`$ kubectl get afapp\n${await kubectl(['get', 'afapp'])}`);
  const made = await kubectl(['get', 'deployments,pods,services,networkpolicies,endpointslices', '--show-kind']);
  console.log(`$ kubectl get deployments,pods,services,networkpolicies,endpointslices\n${made}`);
}

/**
 * From a machine of the App itself, because only its own network may connect to it; by its flycast name, because plain
 * `hello` means the machine itself there.
 */
function askThroughService(kubectl: Kubectl): Promise<string> {
  const script = "fetch('http://hello.flycast/').then((answer) => answer.text()).then(console.log)";
  return kubectl(['exec', 'deploy/hello-app', '--', 'node', '-e', script]);
}

interface RunningOperator {
  /** Rejects with its last words when it ends by itself. */
  readonly ended: Promise<never>;
  stop(): void;
}

function startOperator(kubeconfig: string): RunningOperator {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const child = spawn(process.execPath, [join(root, 'src', 'cli.ts'), 'operator', '--port', '0'], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000);
    });
  }
  let stopping = false;
  child.on('exit', (code) => {
    if (!stopping) reject(new Error(`the operator ended with exit code ${code}:\n${tail(output)}`));
  });
  ended.catch(() => undefined);
  return {
    ended,
    stop() {
      stopping = true;
      child.kill();
    },
  };
}

function whatNext(provider: Provider, kubeconfig: string, kubectl: string): void {
  const interactive = process.stdin.isTTY;
  const operator = '  npm run -s airfield -- operator          # keeps running; then, in another terminal:\n';
  const away = `kubectl delete namespace ${namespace}`;
  console.log(`What to try next:

  export KUBECONFIG=${kubeconfig}
  alias kubectl=${kubectl}
${interactive ? '' : operator}  kubectl -n ${namespace} edit app hello     # change env or count, and watch it roll
  kubectl -n ${namespace} get afapp,pods --watch
  kubectl -n ${namespace} delete deployment hello-app     # it is put back
  kubectl explain app.spec.services
  npm run -s airfield -- convert your/fly.toml --image IMAGE     # your own app
  ${provider.kind === 'kubeconfig' ? away : 'npm run cluster -- down'}     # take it all away
`);
  if (interactive) console.log('The operator runs until you press Ctrl-C.');
}

const untilInterrupted = () => new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));

main().catch((error: Error) => {
  console.error(`demo: ${error.message}`);
  if (error.cause instanceof Error) console.error(`because of: ${error.cause.message}`);
  process.exitCode = 1;
});
