// GET /?delay=MS         after MS milliseconds: who answers, and what was asked with which headers
// GET /bytes?number=N    N bytes
// POST /length           how many bytes the body has
// GET /events?number=N&every=MS  N server-sent events
// GET /forever           the headers and a first byte, and nothing more
const { setTimeout: sleep } = require('node:timers/promises');
const { sendBytes } = require('./tcp.js');

async function answerHttp(self, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://echo');
  const number = (name) => Number(searchParams.get(name) ?? 0);
  if (pathname === '/bytes') return sendBytes(response, number('number'));
  if (pathname === '/events') return sendEvents(response, number('number'), number('every'));
  if (pathname === '/forever') return response.write('.');
  if (pathname === '/length') {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    return response.end(`${length}`);
  }
  request.resume();
  await sleep(number('delay'));
  const { method, url, headers, httpVersion } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ...self, from: request.socket.remoteAddress, method, url, httpVersion, headers }));
}

async function sendEvents(response, number, every) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let index = 1; index <= number && !response.destroyed; index++) {
    response.write(`data: ${index}\n\n`);
    await sleep(every);
  }
  response.end();
}

module.exports = { answerHttp };
