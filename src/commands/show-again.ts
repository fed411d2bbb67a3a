import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 2_000;
/** Cursor to the upper left, and nothing below. */
const clear = '\u001b[H\u001b[2J\u001b[3J';

/** Shows something until the signal: on a terminal in the same place, else only when it is another text. */
export async function showAgain(show: (now: Date) => Promise<string>, signal: AbortSignal): Promise<void> {
  const { isTTY } = process.stdout;
  for (let shown: string | undefined; !signal.aborted; ) {
    const text = await show(new Date());
    if (text !== shown) process.stdout.write(isTTY ? clear + text : text);
    shown = text;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
