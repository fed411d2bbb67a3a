// Answers every request with who it is, and stops at once when it is asked to.
const { createServer } = require('node:http');

const port = Number(process.env.PORT ?? 8080);
const who = () => ({
  greeting: process.env.GREETING ?? 'Hello',
  app: process.env.FLY_APP_NAME,
  machine: process.env.FLY_MACHINE_ID,
  region: process.env.FLY_REGION,
  release: process.env.FLY_MACHINE_VERSION,
  image: process.env.FLY_IMAGE_REF,
});

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n');
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(who(), null, 2)}\n`);
});

server.listen(port, () => console.log(`listening on ${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
