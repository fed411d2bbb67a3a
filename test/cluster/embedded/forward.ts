import { connect, type Server, type Socket } from 'node:net';

// A listening socket stays in the network namespace where it was opened. This process runs inside the node's
// namespaces and is handed a socket that listens on the host's loopback: the only way in, and it ends with the node.
const [host = '', port = ''] = process.argv.slice(2);

process.once('message', (_, server) => {
  (server as Server).on('connection', (outside: Socket) => {
    const within = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
    outside.setNoDelay(true);
    outside.pipe(within).pipe(outside);
    outside.on('error', () => within.destroy()).on('close', () => within.destroy());
    within.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  });
  process.send?.('listening');
});
