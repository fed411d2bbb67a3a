import { newestProcess } from './own-servers.ts';
import { type StatRow, statRows } from './stat-rows.ts';

/** Classes of status codes. `other`: an answer with no status that HTTP knows. */
export const codes = ['1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;

/**
 * What went wrong between the gate and a machine. `connect`: it did not accept a connection. `response`: it ended or broke
 * its answer. `retry`: a connection was tried once more. `client`: the client had gone before the end.
 */
export const mishaps = ['connect', 'response', 'retry', 'client'] as const;

const counted = [...codes, ...mishaps, 'connections', 'received', 'sent'] as const;
export type Counted = (typeof counted)[number];

/** What a backend has done since its process began; all of it only grows. `received`, `sent`: bytes from and to clients. */
export type Traffic = Readonly<Record<Counted, number>>;

/** Parts of the time of a request; of a connection there are `queue`, `connect` and `total`. */
export const timeParts = ['queue', 'connect', 'response', 'total'] as const;
export type Times = Readonly<Record<(typeof timeParts)[number], number>>;

export interface BackendTraffic {
  readonly mode: 'http' | 'tcp';
  readonly traffic: Traffic;
  /** Seconds, on average over the last 1024. Absent: there has been none. */
  readonly times?: Times;
}

/** Asks for backends: the number 2. */
export const showTraffic = 'show stat -1 2 -1';
/** And for servers, as what an ending process hands over to the newest one (handover.ts) is counted there again: 2 and 4. */
export const showEndingTraffic = 'show stat -1 6 -1';

const columnOf: Readonly<Record<Counted, string>> = {
  '1xx': 'hrsp_1xx',
  '2xx': 'hrsp_2xx',
  '3xx': 'hrsp_3xx',
  '4xx': 'hrsp_4xx',
  '5xx': 'hrsp_5xx',
  other: 'hrsp_other',
  connect: 'econ',
  response: 'eresp',
  retry: 'wretr',
  client: 'cli_abrt',
  connections: 'stot',
  received: 'bin',
  sent: 'bout',
};
const timeColumnOf: Readonly<Record<keyof Times, string>> = {
  queue: 'qtime',
  connect: 'ctime',
  response: 'rtime',
  total: 'ttime',
};
const columns = ['pxname', 'svname', 'mode', ...Object.values(columnOf), ...Object.values(timeColumnOf)];

export const noTraffic: Traffic = trafficOf(() => 0);

/** The answer of one process to `showTraffic` or `showEndingTraffic`, by backend. */
export function parseTraffic(answer: string): Map<string, BackendTraffic> {
  const rows = statRows(answer, columns);
  const handedOver = new Map(rows.filter(({ svname }) => svname === newestProcess).map((row) => [row.pxname, row]));
  const backends = rows.filter(({ pxname = '', svname }) => svname === 'BACKEND' && pxname.includes('.'));
  return new Map(backends.map((row) => [row.pxname ?? '', backendTraffic(row, handedOver.get(row.pxname))]));
}

function backendTraffic(row: StatRow, handedOver: StatRow = {}): BackendTraffic {
  const own = trafficOf((one) => number(row[columnOf[one]]) - number(handedOver[columnOf[one]]));
  const times = Object.fromEntries(timeParts.map((part) => [part, number(row[timeColumnOf[part]]) / 1000])) as Record<
    keyof Times,
    number
  >;
  return { mode: row.mode === 'http' ? 'http' : 'tcp', traffic: own, ...(number(row.stot) > 0 && { times }) };
}

export function trafficOf(value: (one: Counted) => number): Traffic {
  return Object.fromEntries(counted.map((one) => [one, value(one)])) as Record<Counted, number>;
}

const number = (cell: string | undefined) => Number(cell ?? 0);
