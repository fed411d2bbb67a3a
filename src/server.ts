import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Metrics } from './metrics.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  /** What stands against being ready, in words; empty: ready. */
  readonly notReady: () => readonly string[];
  /** Paths beside these, and what answers them. Default: none. */
  readonly more?: { readonly paths: readonly string[]; readonly answer: (app: Express) => void };
  /** Variable by which the port is chosen. Default: `AIRFIELD_PORT`. */
  readonly variable?: string;
}

export interface RunningServer {
  /** The port, also where any free one was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** /healthz: the process runs. /readyz: it sees the cluster as it is. /metrics: for Prometheus. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, metrics, notReady, more, variable = 'AIRFIELD_PORT' } = options;
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_, response) => {
    const reasons = notReady();
    response
      .status(reasons.length > 0 ? 503 : 200)
      .type('text/plain')
      .send(`${reasons.join('\n') || 'ok'}\n`);
  });
  app.get('/metrics', async (_, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  more?.answer(app);
  const all = ['/healthz', '/readyz', ...(more?.paths ?? [])];
  app.use((_, response) => {
    response
      .status(404)
      .type('text/plain')
      .send(`There are ${all.join(', ')} and /metrics.\n`);
  });
  const server = await listen(app, { host, port, variable });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Place = Required<Pick<ServerOptions, 'host' | 'port' | 'variable'>>;

function listen(app: Express, place: Place): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = app.listen(place.port, place.host, (error?: Error) =>
    error ? reject(explain(error, place)) : resolve(server),
  );
  return promise;
}

function explain(error: NodeJS.ErrnoException, { port, variable }: Place): Error {
  const why =
    error.code === 'EADDRINUSE'
      ? `is taken: stop what listens there, or set ${variable}`
      : `cannot be used: ${error.message}`;
  return new Error(`port ${port} ${why}`, { cause: error });
}
