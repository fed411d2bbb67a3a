import { get } from 'node:http';
import { connect } from 'node:net';
import { now } from '../measure/figures.ts';

export type Mode = 'http' | 'tcp';

export interface FirstByte {
  /** When it came. */
  readonly at: number;
  /** When the machine says that its ports were open. */
  readonly openAt: number;
}

export const portOf = (mode: Mode, place: 'service' | 'machine') =>
  ({ http: { service: 80, machine: 8080 }, tcp: { service: 25, machine: 2525 } })[mode][place];

/** Of the program `echo`, on a connection of its own; rejects with what came instead. */
export function firstByte(mode: Mode, host: string, port: number): Promise<FirstByte> {
  return mode === 'http' ? ofHttp(host, port) : ofTcp(host, port);
}

function ofHttp(host: string, port: number): Promise<FirstByte> {
  const { promise, resolve, reject } = Promise.withResolvers<FirstByte>();
  get({ host, port, agent: false }, (response) => {
    const at = now();
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.on('end', () => {
      if (response.statusCode === 200) resolve({ at, openAt: JSON.parse(body).openAt });
      else reject(new Error(`${response.statusCode} ${body}`));
    });
  }).on('error', reject);
  return promise;
}

function ofTcp(host: string, port: number): Promise<FirstByte> {
  const { promise, resolve, reject } = Promise.withResolvers<FirstByte>();
  const socket = connect({ host, port });
  socket.once('data', (banner) => resolve({ at: now(), openAt: Number(String(banner).split(' ')[2]) }));
  socket.on('error', reject).on('close', () => reject(new Error('closed without a byte')));
  return promise.finally(() => socket.destroy());
}
