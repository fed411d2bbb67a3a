// traffic.js URL [RATE]: sends RATE requests a second (default 200) to URL, each on a connection of its own so that each
// takes the whole way through the Service. It is an open loop: a slow answer delays no other request. A request is ok
// when it was answered with 200 within 5 s.
//
// Port 9000: /counts answers with the counts of the present period. /take ends the period, and answers with its counts
// once each of its requests has been answered or has failed; the next period has begun by then.
const { createServer, request } = require('node:http');
const { lookup } = require('node:dns/promises');

const timeout = 5_000;
const [, , target, rate = '200'] = process.argv;
const url = new URL(target);
const perMillisecond = Number(rate) / 1_000;

const newPeriod = () => ({ from: new Date(), sent: 0, ok: 0, failed: 0, byVersion: {}, failures: [] });
let period = newPeriod();

/** Milliseconds in which this program ran: an answer is not late because a busy machine let its reader stand still. */
let clock = 0;
/** Requests without an answer, the oldest first. */
const open = new Set();

function send(host) {
  const mine = period;
  const sentAt = new Date();
  mine.sent++;
  const options = { host, port: url.port || 80, path: url.pathname, headers: { host: url.host }, agent: false };
  const outgoing = request(options, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.on('error', fail);
    response.on('end', () => (response.statusCode === 200 ? succeed(body) : fail(`answered ${response.statusCode}`)));
  });
  const entry = { deadline: clock + timeout, outgoing };
  open.add(entry);

  function succeed(body) {
    if (!open.delete(entry)) return;
    mine.ok++;
    const version = versionIn(body);
    mine.byVersion[version] = (mine.byVersion[version] ?? 0) + 1;
  }
  function fail(error) {
    if (!open.delete(entry)) return;
    mine.failed++;
    if (mine.failures.length < 20) mine.failures.push({ sentAt, failedAt: new Date(), error: error.message ?? error });
  }
  outgoing.on('error', fail).end();
}

function versionIn(body) {
  try {
    return JSON.parse(body).version;
  } catch {
    return 'unknown';
  }
}

async function start() {
  // Once, for what is tested is the Service and not the DNS; its address stays for as long as it lives.
  const { address } = await lookup(url.hostname);
  const began = performance.now();
  let before = began;
  let sent = 0;
  setInterval(() => {
    const now = performance.now();
    const ran = Math.min(now - before, 50);
    before = now;
    clock += ran;
    // What was due while the machine was busy is made up for, but not all at once.
    const most = sent + Math.max(1, 2 * perMillisecond * ran);
    for (const due = Math.min((now - began) * perMillisecond, most); sent < due; sent++) send(address);
    for (const { deadline, outgoing } of open) {
      if (deadline > clock) break;
      outgoing.destroy(new Error(`no answer within ${timeout / 1_000} s`));
    }
  }, 5);
}

async function take() {
  const taken = period;
  period = newPeriod();
  while (taken.ok + taken.failed < taken.sent) await new Promise((resolve) => setTimeout(resolve, 10));
  return taken;
}

createServer(async (incoming, response) => {
  const counts = incoming.url === '/take' ? await take() : period;
  response.end(JSON.stringify(counts));
}).listen(9000);

start();
