// Writes down which release commands run, on port 9100: one connection for each, open for as long as it lives. A command
// says its App and version first, and its exit code before it ends; of one that was killed the connection just closes.
// Port 9000 answers with the list.
const { createServer: createHttpServer } = require('node:http');
const { createServer } = require('node:net');

const commands = [];

createServer((socket) => {
  let command;
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => {
    said += text;
    const [who, exit] = said.split('\n').slice(0, -1);
    if (who !== undefined && !command) {
      const [app, version] = who.split(' ');
      command = { app, version, from: Date.now() };
      commands.push(command);
      socket.write('noted\n');
    }
    if (exit !== undefined) command.exit = Number(exit);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (command) command.to = Date.now();
  });
}).listen(9100);

createHttpServer((_, response) => response.end(JSON.stringify(commands))).listen(9000);
