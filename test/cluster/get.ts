import { request } from 'node:https';

/** Where an API server is, and what it takes to be let in. */
export interface Endpoint {
  readonly url: string;
  readonly ca: string;
  readonly token?: string;
}

/** One GET on a connection of its own, for questions about the API server's health. Status 0: it did not answer. */
export function get({ url, ca, token }: Endpoint, path: string): Promise<{ status: number; body: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number; body: string }>();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const call = request(new URL(path, url), { ca, headers, agent: false, timeout: 2_000 }, (answer) => {
    let body = '';
    answer.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
  });
  call.on('timeout', () => call.destroy());
  call.on('error', () => resolve({ status: 0, body: '' }));
  call.on('close', () => resolve({ status: 0, body: '' }));
  call.end();
  return promise;
}
