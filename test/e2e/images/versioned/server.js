// Answers with its VERSION. HEALTH=fail fails its check, CRASH=1 ends it before it listens.
const { createServer } = require('node:http');

if (process.env.CRASH === '1') {
  console.error('cannot start: the database is on fire');
  process.exit(3);
}

const healthy = process.env.HEALTH !== 'fail';
const answer = JSON.stringify({ version: process.env.VERSION ?? 'none', machine: process.env.FLY_MACHINE_ID });

const server = createServer((request, response) => {
  if (request.url === '/health') response.writeHead(healthy ? 200 : 500).end(healthy ? 'ok\n' : 'not well\n');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
});

server.listen(8080, () => console.log(`listening, version ${process.env.VERSION}`));
// Ends as servers should: takes no new connection, answers what it has accepted, closes what is idle.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));
