import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { PortForward } from '@kubernetes/client-node/dist/portforward.js';
import { type KubeConfigSource, loadKubeConfig } from './auth.ts';
import { refusedStream } from './stream-errors.ts';

export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

export interface ForwardOptions {
  readonly source: KubeConfigSource;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Where a new connection leads; those that could not be reached for it are `tried`. Undefined: it is closed. */
  readonly choose: (tried: readonly string[]) => Promise<Target | undefined>;
  readonly onProblem: (text: string) => void;
  readonly signal: AbortSignal;
}

const tries = 3;
/** How long an answer may pause when its asker has said everything. */
const lingerMs = 2_000;

/**
 * Listens on this machine, and leads each connection to a port of a pod. Resolves to the port when it listens; rejects where
 * the port is taken. Ends with the signal.
 */
export async function listen(options: ForwardOptions): Promise<number> {
  const forward = new PortForward(loadKubeConfig(options.source), true);
  const open = new Set<Socket>();
  // The library starts to read when it is connected: until then the kernel holds what the client says.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    lead(socket, forward, options).catch((error: Error) => {
      options.onProblem(error.message);
      socket.destroy();
    });
  });
  options.signal.addEventListener('abort', () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return listening(server, options);
}

function listening(server: Server, { host, port }: ForwardOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function lead(socket: Socket, forward: PortForward, { choose, onProblem }: ForwardOptions): Promise<void> {
  const tried: string[] = [];
  for (let left = tries; left > 0 && !socket.destroyed; left--) {
    const target = await choose(tried);
    if (!target) return void socket.destroy();
    try {
      return await connect(socket, forward, target, onProblem);
    } catch (error) {
      tried.push(target.pod);
      if (left === 1) throw refusedStream('port-forward', target.pod, error);
    }
  }
}

async function connect(socket: Socket, forward: PortForward, target: Target, onProblem: (text: string) => void) {
  const { namespace, pod, port } = target;
  const input = lingering(socket);
  const refusals = new Writable({
    write(chunk: Buffer, _, done) {
      // The channel begins with the number of the port, of which the library leaves nothing.
      if (chunk.length === 0) return done();
      // As kubectl has it: `error forwarding port 5432 to pod …: connection refused`, in many words.
      const refused = /refused/.test(`${chunk}`)
        ? `nothing listens on port ${port} of ${pod}`
        : `${pod}: ${chunk}`.trim();
      onProblem(refused);
      socket.destroy();
      done();
    },
  });
  const tunnel = await forward.portForward(namespace, pod, [port], socket, refusals, input);
  if (typeof tunnel === 'function') return;
  tunnel.onclose = () => socket.end();
  socket.on('close', () => tunnel.close());
  if (socket.destroyed) tunnel.close();
}

/**
 * What a client says. Its end would end the tunnel, which cannot be closed one way, and with it the answer: so the end is
 * told when the answer has paused.
 */
function lingering(socket: Socket): PassThrough {
  const input = new PassThrough();
  socket.pipe(input, { end: false });
  socket.on('end', () => {
    const end = () => input.end();
    socket.setTimeout(lingerMs, end);
  });
  socket.on('close', () => input.end());
  return input;
}
