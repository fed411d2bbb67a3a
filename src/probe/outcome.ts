import { STATUS_CODES } from 'node:http';

/** What became of an attempt. */
export interface Outcome {
  readonly passing: boolean;
  /** One short line that people may see: a status code, or why there is none. The same for the same reason. */
  readonly output: string;
}

/** How far an attempt had come when it failed. */
export interface Progress {
  readonly isConnected: boolean;
  readonly timeoutMs: number;
}

/** What an answer with this status means: as on Fly a redirect is no success. */
export function answered(status: number): Outcome {
  const meaning = STATUS_CODES[status];
  return { passing: status >= 200 && status < 300, output: meaning ? `${status} ${meaning}` : `${status}` };
}

/** Errors of Node and OpenSSL say more than anybody should read: addresses, names in certificates. Their codes do not. */
export function failure(error: unknown, progress: Progress): Outcome {
  return { passing: false, output: reason((error as NodeJS.ErrnoException).code ?? 'unknown error', progress) };
}

const within = ({ timeoutMs }: Progress) => `within ${timeoutMs / 1000}s`;
const unreachable = (why: string) => `cannot be reached from the operator: ${why}`;

/** Errors of a network that leads nowhere, or of an operator that may not use it. */
const network: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'no route to the machine',
  EHOSTDOWN: 'no route to the machine',
  ENETUNREACH: 'no route to the machine',
  ETIMEDOUT: 'no connection',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EADDRNOTAVAIL: 'no local port is free',
  EMFILE: 'the operator has too many open files',
};

function reason(code: string, progress: Progress): string {
  if (code === 'ABORT_ERR') {
    return progress.isConnected ? `no answer ${within(progress)}` : unreachable(`no connection ${within(progress)}`);
  }
  const unreached = network[code];
  if (unreached) return unreachable(unreached);
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection closed without an answer';
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (/^ERR_(INVALID_(CHAR|HTTP_TOKEN)|UNESCAPED_CHARACTERS|HTTP_INVALID_HEADER_VALUE)$/.test(code)) {
    return 'cannot be asked: the path or a header has a character that HTTP does not allow';
  }
  if (/^(EPROTO|ERR_SSL_\w+)$/.test(code)) return `no TLS connection: ${code}`;
  if (/CERT|SIGNATURE|VERIFY/.test(code)) return `certificate refused: ${code}`;
  return `failed: ${code}`;
}
