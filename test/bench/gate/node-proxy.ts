/** A proxy in Node.js as one would write it, with connections that are kept: a program for `node -e`. */
export const nodeProxy = (machine: string, port: number): string => `
const { Agent, createServer, request } = require('node:http');
const [host, hostPort] = '${machine}'.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 500 });
createServer((incoming, answer) => {
  const from = incoming.socket.remoteAddress;
  const headers = { ...incoming.headers, 'x-forwarded-for': from, 'fly-client-ip': from, 'x-forwarded-proto': 'http', via: '1.1 airfield' };
  const outgoing = request({ host, port: hostPort, agent, method: incoming.method, path: incoming.url, headers }, (response) => {
    answer.writeHead(response.statusCode, { ...response.headers, server: 'airfield', via: '1.1 airfield' });
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.writeHead(502).end());
  incoming.pipe(outgoing);
}).listen(${port});
`;
