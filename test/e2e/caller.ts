import { app } from './apps.ts';
import { type Namespace, until } from './kubectl.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Request {
  /** Where to connect to, and as whom to name it in the handshake of TLS. Default: as the URL says. */
  readonly at?: { readonly host: string; readonly port: number; readonly servername?: string };
  /** Certificate that is trusted, in PEM. */
  readonly ca?: string;
}

interface Pod {
  metadata: { name: string };
  status: { podIP: string };
}

/** A machine that asks other Apps: one of an App of its own, as the private network of its namespace lets in nobody else. */
export class Caller {
  /** The address that its connections come from. */
  readonly address: string;
  readonly #namespace: Namespace;
  readonly #machine: string;

  private constructor(namespace: Namespace, { metadata, status }: Pod) {
    this.address = status.podIP;
    this.#namespace = namespace;
    this.#machine = metadata.name;
  }

  /** In a namespace whose operator runs. */
  static async start(namespace: Namespace): Promise<Caller> {
    const processes = [{ name: 'app', command: ['sleep', '86400'] }];
    await namespace.apply(app('caller', { image: 'airfield.local/echo:1', killSignal: 'SIGKILL', processes }));
    await namespace.waitReady('caller');
    const [pod] = await namespace.list<Pod>('pods', 'airfield.dev/app=caller');
    return new Caller(namespace, pod as Pod);
  }

  /**
   * What a program of Node.js prints there, with built-in modules at hand and what it is told from `process.argv[1]` on. One
   * that nobody listens to is run again: kube-proxy hears of a Service a moment after the App is Ready. What is lost later on
   * is for Traffic to count.
   */
  async node(program: string, ...told: readonly string[]): Promise<string> {
    const exec = ['exec', this.#machine, '--', 'node', '-e', program, ...told];
    const ran = await until('somebody to listen', () =>
      this.#namespace.kubectl(exec).then(
        (printed) => ({ printed, error: undefined }),
        (error: Error) => (error.message.includes('ECONNREFUSED') ? undefined : { printed: '', error }),
      ),
    );
    if (ran?.error) throw ran.error;
    return ran?.printed.trim() ?? '';
  }

  /** Whether a file is there, which a program may have written to say how far it is. */
  waitForFile(path: string): Promise<unknown> {
    const look = ['exec', this.#machine, '--', 'test', '-e', path];
    return until(path, () => this.#namespace.kubectl(look).then(() => true));
  }

  /** The answer to a GET by HTTP/1.1; redirects are not followed. */
  async get(url: string, { at, ca }: Request = {}): Promise<Answer> {
    return JSON.parse(await this.node(getHttp1, url, JSON.stringify({ ...at, ca })));
  }

  /** The same by HTTP/2 on TLS. */
  async getHttp2(url: string, { at, ca }: Request = {}): Promise<Answer> {
    return JSON.parse(await this.node(getHttp2, url, JSON.stringify({ ...at, ca })));
  }
}

const getHttp1 = `
  const [, address, options] = process.argv;
  const url = new URL(address);
  const { request } = url.protocol === 'https:' ? https : http;
  const to = { host: url.hostname, port: url.port, path: url.pathname + url.search, servername: url.hostname };
  const outgoing = request({ ...to, headers: { host: url.host }, agent: false, ...JSON.parse(options) }, async (incoming) => {
    const { statusCode: status, headers } = incoming;
    let body = '';
    for await (const part of incoming) body += part;
    console.log(JSON.stringify({ status, headers, body }));
  });
  outgoing.end();`;

const getHttp2 = `
  const [, address, options] = process.argv;
  const url = new URL(address);
  const to = { host: url.hostname, port: url.port, servername: url.hostname, ALPNProtocols: ['h2'] };
  const createConnection = () => tls.connect({ ...to, ...JSON.parse(options) });
  const session = http2.connect(url.origin, { createConnection });
  const stream = session.request({ ':path': url.pathname });
  stream.on('response', async ({ ':status': status, ...headers }) => {
    let body = '';
    for await (const part of stream) body += part;
    console.log(JSON.stringify({ status, headers, body }));
    session.close();
  });`;
