/** `--count app=3`: how many machines a process group has in all. */
export interface CountFlag {
  /** Absent: the default group. */
  readonly group?: string;
  readonly count: number;
}

/** `--region worker/fra=2`: how many of them are in a region. */
export interface RegionFlag extends CountFlag {
  readonly region: string;
}

const most = 1000;

/** Reads `3` or `app=3`. Throws an Error with one line that says what to write. */
export function countFlag(text: string): CountFlag {
  const [, group, amount] = /^(?:([^=]+)=)?(\d{1,4})$/.exec(text.trim()) ?? [];
  if (amount === undefined) throw new Error('write a number of machines, `3` or `app=3`');
  return { ...(group && { group }), count: upToMost(amount) };
}

/** Reads `fra=2` or `worker/fra=2`. Throws an Error with one line that says what to write. */
export function regionFlag(text: string): RegionFlag {
  const [, group, region, amount] =
    /^(?:([^=/]+)\/)?([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)=(\d{1,4})$/.exec(text.trim()) ?? [];
  if (region === undefined || amount === undefined)
    throw new Error('write a region and its number of machines, `fra=2` or `worker/fra=2`');
  return { ...(group && { group }), region, count: upToMost(amount) };
}

function upToMost(amount: string): number {
  if (Number(amount) > most) throw new Error(`a group has at most ${most} machines`);
  return Number(amount);
}
