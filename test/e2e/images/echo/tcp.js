// 2525  says `220 MACHINE OPENAT`, answers each line with `250 LINE`, and QUIT with `221 bye` and the end
// 7000  says what it was told, once the other side has said all it has to say
// 7001  is told a number in a line, and says as many bytes
// 7002  reads a PROXY header, and says it as JSON: { version, from, port }
const { createServer } = require('node:net');
const { Readable } = require('node:stream');

const chunk = Buffer.alloc(65_536, 'airfield');

function tcpServers(self) {
  const server = (talk) =>
    createServer({ allowHalfOpen: true }, (socket) => talk(socket.on('error', () => socket.destroy())));
  return {
    2525: server((socket) => greet(self, socket)),
    7000: server((socket) => {
      const told = [];
      socket.on('data', (bytes) => told.push(bytes)).on('end', () => socket.end(Buffer.concat(told)));
    }),
    7001: server((socket) => void lines(socket, (line) => sendBytes(socket, Number(line)))),
    7002: server((socket) => void socket.once('data', (bytes) => socket.end(JSON.stringify(readProxyHeader(bytes))))),
  };
}

function greet({ machine, openAt }, socket) {
  socket.write(`220 ${machine} ${openAt}\r\n`);
  lines(socket, (line) => (line === 'QUIT' ? socket.end('221 bye\r\n') : socket.write(`250 ${line}\r\n`)));
  socket.on('end', () => socket.end());
}

function lines(socket, onLine) {
  let rest = '';
  socket.on('data', (bytes) => {
    const parts = (rest + bytes).split(/\r?\n/);
    rest = parts.pop();
    for (const line of parts) onLine(line);
  });
}

/** As fast as whoever reads takes them. */
function sendBytes(stream, number) {
  function* chunks() {
    for (let left = number; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
  }
  Readable.from(chunks()).pipe(stream);
}

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt, for IPv4. */
function readProxyHeader(bytes) {
  if (bytes.subarray(0, signature.length).equals(signature))
    return { version: 2, from: bytes.subarray(16, 20).join('.'), port: bytes.readUInt16BE(24) };
  const [, from, port] = /^PROXY TCP4 (\S+) \S+ (\d+) \d+\r\n/.exec(bytes.toString('latin1')) ?? [];
  return from ? { version: 1, from, port: Number(port) } : { version: 0 };
}

module.exports = { sendBytes, tcpServers };
