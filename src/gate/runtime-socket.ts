import { connect } from 'node:net';

const longestMs = 5000;

/** Sends commands to a socket of HAProxy, one after the other, and gives back all that it says. Rejects after 5 seconds. */
export function send(path: string, commands: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ path, allowHalfOpen: true });
  let answer = '';
  socket
    .setEncoding('utf8')
    .setTimeout(longestMs, () => socket.destroy(new Error(`HAProxy does not answer on ${path}`)));
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.once('end', () => {
    socket.destroy();
    resolve(answer);
  });
  socket.once('error', reject);
  socket.end(`${commands.join(';')}\n`);
  return promise;
}
