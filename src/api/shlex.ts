export class ShlexError extends Error {}

/**
 * Splits a command into words as flyctl does (github.com/google/shlex), without a shell: white space separates, quotes
 * keep together, a backslash takes any next character as it is, except inside single quotes, and a word that begins
 * with `#` begins a comment.
 * @throws ShlexError when a quote or an escape has no end
 */
export function shlex(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const char = command[at] ?? '';
    if (' \t\r\n'.includes(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '#' && word === undefined) {
      const end = command.indexOf('\n', at);
      at = end < 0 ? command.length : end;
    } else {
      const piece =
        char === '"' || char === "'" ? quoted(command, at) : char === '\\' ? escaped(command, at) : plain(char);
      word = (word ?? '') + piece.text;
      at += piece.length - 1;
    }
  }
  return word === undefined ? words : [...words, word];
}

interface Piece {
  readonly text: string;
  readonly length: number;
}

const plain = (char: string): Piece => ({ text: char, length: 1 });

function escaped(command: string, at: number): Piece {
  if (at + 1 >= command.length) throw new ShlexError('ends in a backslash');
  return { text: command[at + 1] ?? '', length: 2 };
}

function quoted(command: string, start: number): Piece {
  const quote = command[start] ?? '';
  let text = '';
  for (let at = start + 1; at < command.length; at++) {
    if (command[at] === quote) return { text, length: at - start + 1 };
    if (command[at] === '\\' && quote === '"') at++;
    text += command[at] ?? '';
  }
  throw new ShlexError(`has a ${quote} without an end`);
}
