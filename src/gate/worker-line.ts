import { connect, type Socket } from 'node:net';

const prompt = '\n> ';
const longestMs = 5000;

/**
 * A connection to the socket of one process of HAProxy that stays. While it is open the process does not exit, however
 * little it has to do (HAProxy 2.6 ends with its last job, and this is one), so that its last counts can be had.
 */
export class WorkerLine {
  readonly #socket: Socket;
  #said = '';
  #answer: ((text: string) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  /** Nothing is sent before it is connected; whoever asks hears of a failure. */
  constructor(path: string) {
    this.#socket = connect({ path }).setEncoding('utf8');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', () => this.#end());
    this.#socket.on('close', () => this.#end());
    this.#turn = this.#ask('prompt').catch(() => {});
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What HAProxy says to a command. One after the other; rejects where the process has gone, or after 5 seconds. */
  ask(command: string): Promise<string> {
    const asked = this.#turn.then(() => this.#ask(command));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  /** The process may exit. */
  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  async #ask(command: string): Promise<string> {
    if (!this.#isOpen) throw new Error('this process of HAProxy has gone');
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const late = setTimeout(() => this.close(), longestMs);
    this.#answer = (text) => (this.#isOpen ? resolve(text) : reject(new Error('this process of HAProxy has gone')));
    this.#socket.write(`${command}\n`);
    return promise.finally(() => clearTimeout(late));
  }

  #take(text: string): void {
    this.#said += text;
    if (!this.#said.endsWith(prompt)) return;
    const said = this.#said.slice(0, -prompt.length);
    this.#said = '';
    this.#answer?.(said);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#answer?.('');
  }
}
