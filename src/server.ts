import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Metrics } from './metrics.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  /** What stands against being ready, in words; empty: ready. */
  readonly notReady: () => readonly string[];
}

export interface RunningServer {
  /** The port, also where any free one was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** /healthz: the process runs. /readyz: it sees the cluster as it is. /metrics: for Prometheus. */
export async function startServer({ host, port, metrics, notReady }: ServerOptions): Promise<RunningServer> {
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
  app.use((_, response) => {
    response.status(404).type('text/plain').send('There are /healthz, /readyz and /metrics.\n');
  });
  const server = await listen(app, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(app: express.Express, host: string, port: number): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = app.listen(port, host, (error?: Error) => (error ? reject(explain(error, port)) : resolve(server)));
  return promise;
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  const why =
    error.code === 'EADDRINUSE'
      ? 'is taken: stop what listens there, or set AIRFIELD_PORT'
      : `cannot be used: ${error.message}`;
  return new Error(`port ${port} ${why}`, { cause: error });
}
