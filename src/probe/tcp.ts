import { connect } from 'node:net';
import type { Attempt } from './attempt.ts';
import { failure, type Outcome } from './outcome.ts';

/** Passes as soon as the port has accepted the connection, which is then closed. */
export const connectTcp: Attempt = ({ address, port }, { timeoutMs }, signal) => {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = connect({ host: address, port, signal });
  socket.once('connect', () => {
    resolve({ passing: true, output: 'connected' });
    socket.destroy();
  });
  socket.on('error', (error) => resolve(failure(error, { isConnected: false, timeoutMs })));
  return promise;
};
