// visitors.js LONGEST URL...: for each URL a visitor who asks, reads the answer, stays away for a random time of up to
// LONGEST milliseconds, and asks again, each time on a connection of its own. Nothing is ever asked twice: what fails has
// failed. `tcp://HOST:PORT` is a server that speaks first, and is told QUIT. A visit is ok when it was answered within 60 s.
//
// Port 9000, as in traffic.js: /counts answers with the counts of the present period; /take ends the period, and answers
// once each of its visits is over.
const { createServer, request } = require('node:http');
const { connect } = require('node:net');
const { lookup } = require('node:dns/promises');
const { setTimeout: sleep } = require('node:timers/promises');

const timeout = 60_000;
const [, , longest, ...targets] = process.argv;

const newPeriod = () => ({ from: new Date(), sent: 0, ok: 0, failed: 0, byVersion: {}, failures: [], slowestMs: 0 });
let period = newPeriod();

function askHttp(host, url) {
  return new Promise((resolve, reject) => {
    const options = { host, port: url.port || 80, path: '/', headers: { host: url.hostname }, agent: false, timeout };
    const outgoing = request(options, (response) => {
      response.resume().on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    outgoing.on('error', reject).end();
  });
}

function askTcp(host, url) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: url.port, timeout });
    let said = '';
    socket.setEncoding('utf8').on('data', (text) => {
      if (!said) socket.write('QUIT\r\n');
      said += text;
    });
    socket.on('timeout', () => socket.destroy(new Error(`nothing said within ${timeout / 1000} s`)));
    socket.on('error', reject);
    socket.on('end', () => (/^220 .*221 /s.test(said) ? resolve() : reject(new Error(`said ${JSON.stringify(said)}`))));
  });
}

async function visit(target) {
  const url = new URL(target);
  const { address } = await lookup(url.hostname);
  for (;;) {
    const mine = period;
    const sentAt = new Date();
    mine.sent++;
    try {
      await (url.protocol === 'tcp:' ? askTcp : askHttp)(address, url);
      mine.ok++;
      mine.slowestMs = Math.max(mine.slowestMs, Date.now() - sentAt);
    } catch (error) {
      mine.failed++;
      const failure = { sentAt, failedAt: new Date(), error: `${target}: ${error.message}` };
      if (mine.failures.length < 20) mine.failures.push(failure);
    }
    await sleep(Math.random() * Number(longest));
  }
}

async function take() {
  const taken = period;
  period = newPeriod();
  while (taken.ok + taken.failed < taken.sent) await sleep(10);
  return taken;
}

createServer(async (incoming, response) => {
  const counts = incoming.url === '/take' ? await take() : period;
  response.end(JSON.stringify(counts));
}).listen(9000);

for (const target of targets) visit(target);
