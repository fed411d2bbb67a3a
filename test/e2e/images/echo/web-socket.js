// Echoes text of at most 125 bytes, as RFC 6455 has it; closes when it is asked to.
const { createHash } = require('node:crypto');

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const close = 8;

function upgrade(request, socket) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + guid).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    // Of a client: flags and opcode, length with its highest bit set, a mask of four bytes, the text.
    while (rest.length >= 6 && rest.length >= 6 + (rest[1] & 127)) {
      const length = rest[1] & 127;
      const mask = rest.subarray(2, 6);
      const text = rest.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]);
      socket.write(Buffer.concat([Buffer.from([rest[0], length]), text]));
      if ((rest[0] & 15) === close) socket.end();
      rest = rest.subarray(6 + length);
    }
  });
}

module.exports = { upgrade };
