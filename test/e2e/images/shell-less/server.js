// Says which signals it hears and when, in milliseconds since 1970, and ends with the first one; with STUBBORN=1 it does
// not end. /second answers 503 until somebody has asked for /mend.
const { createServer } = require('node:http');

let second = 503;

const server = createServer((request, response) => {
  if (request.url === '/mend') second = 200;
  response.writeHead(request.url === '/second' ? second : 200).end('ok\n');
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    console.log(JSON.stringify({ signal, at: Date.now() }));
    if (process.env.STUBBORN !== '1') server.close(() => process.exit(0));
  });
}
server.listen(8080);
