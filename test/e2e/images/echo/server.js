// Ports:
//   8080, 8082  HTTP/1.1 and HTTP/2 without TLS: http.js; 8080 speaks WebSocket, too: web-socket.js
//   2525, 7000, 7001, 7002  bytes: tcp.js
//   9000  what it had to do, as JSON: { machine, openAt, requests, connections }, each { now, most, total }. The requests are
//         those of 8080 and 8082, the connections those of all ports but this one. GET /forget begins to count anew.
// START_DELAY is a time in milliseconds before it listens. `openAt` is when it did, in milliseconds of the machine's
// monotonic clock, which all programs of a computer share. It ends when it is asked to and nothing is under way.
const { createServer } = require('node:http');
const { createServer: createHttp2Server } = require('node:http2');
const { hostname } = require('node:os');
const { Count } = require('./count.js');
const { answerHttp } = require('./http.js');
const { tcpServers } = require('./tcp.js');
const { upgrade } = require('./web-socket.js');

const self = { machine: process.env.FLY_MACHINE_ID ?? hostname(), openAt: 0 };
const [requests, connections] = [new Count(), new Count()];

const answer = (request, response) => {
  requests.until(response);
  answerHttp(self, request, response);
};
const servers = {
  8080: createServer(answer).on('upgrade', upgrade),
  8082: createHttp2Server(answer),
  ...tcpServers(self),
};
for (const server of Object.values(servers)) server.on('connection', (socket) => connections.until(socket));

createServer((request, response) => {
  if (request.url === '/forget') for (const count of [requests, connections]) count.forget();
  response.end(JSON.stringify({ ...self, requests, connections }));
}).listen(9000);

setTimeout(() => {
  for (const [port, server] of Object.entries(servers)) server.listen(Number(port));
  self.openAt = Number(process.hrtime.bigint()) / 1e6;
}, Number(process.env.START_DELAY ?? 0));

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    const all = Object.values(servers).filter((server) => server.listening);
    Promise.all(all.map((server) => new Promise((resolve) => server.close(resolve)))).then(() => process.exit(0));
  });
