// held.js HOST PORT NUMBER [FIRST]: opens so many connections, says FIRST on each, and keeps them until it ends.
//
// Port 9000: /counts answers { heard, closed }: the connections on which the other side has said something, and those that
// are not open any more. /ask?line=LINE says a line on each that is open, and answers the same once each has heard something
// anew or is closed.
const { lookup } = require('node:dns/promises');
const { createServer } = require('node:http');
const { connect } = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');

const [, , host, port, number, first = ''] = process.argv;
let held = [];

function hold(address) {
  const one = { socket: connect(Number(port), address), hasHeard: false, isClosed: false };
  one.socket.on('error', () => {});
  one.socket.on('data', () => {
    one.hasHeard = true;
  });
  one.socket.on('close', () => {
    one.isClosed = true;
  });
  one.socket.write(first);
  return one;
}

const counts = () => ({
  heard: held.filter(({ hasHeard }) => hasHeard).length,
  closed: held.filter(({ isClosed }) => isClosed).length,
});

async function ask(line) {
  for (const one of held) one.hasHeard = false;
  for (const { socket } of held) socket.write(`${line}\r\n`);
  while (!held.every(({ hasHeard, isClosed }) => hasHeard || isClosed)) await sleep(10);
}

createServer(async ({ url }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://held');
  if (pathname === '/ask') await ask(searchParams.get('line'));
  response.end(JSON.stringify(counts()));
}).listen(9000);

lookup(host).then(({ address }) => {
  held = Array.from({ length: Number(number) }, () => hold(address));
});
