// A release command. It takes RELEASE_SLEEP milliseconds and ends with RELEASE_EXIT. While it runs it keeps a connection
// to WITNESS (host:port), which therefore knows to the millisecond when it began and ended, whatever ended it.
const { connect } = require('node:net');

const { FLY_APP_NAME, VERSION = 'none', RELEASE_SLEEP = '0', RELEASE_EXIT = '0', WITNESS } = process.env;

function work(say) {
  console.log(`release command of ${VERSION} begins`);
  setTimeout(() => {
    console.log(`release command of ${VERSION} ends with ${RELEASE_EXIT}`);
    say(`${RELEASE_EXIT}\n`, () => process.exit(Number(RELEASE_EXIT)));
  }, Number(RELEASE_SLEEP));
}

if (WITNESS) {
  const [host, port] = WITNESS.split(':');
  const begin = () => {
    const socket = connect({ host, port: Number(port) });
    // A pod that is new is let in a moment after it has its address.
    socket.once('error', () => setTimeout(begin, 200));
    // It answers once it has written the beginning down.
    socket.once('data', () => {
      socket.removeAllListeners('error');
      work((text, then) => socket.end(text, then));
    });
    socket.on('connect', () => socket.write(`${FLY_APP_NAME} ${VERSION}\n`));
  };
  begin();
} else {
  work((_, then) => then());
}
