import type { Outcome } from './outcome.ts';

/** Where to ask: an IP address and a port. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** What to ask. `tcp` accepts a connection; `http` answers 2xx. */
export interface Question {
  readonly type: 'tcp' | 'http';
  /** Default: http. */
  readonly protocol?: 'http' | 'https' | undefined;
  /** Default: GET. */
  readonly method?: string | undefined;
  /** Default: `/`. */
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether any certificate will do. Default: false. */
  readonly tlsSkipVerify?: boolean | undefined;
  /** The name that is asked for, and that the certificate must have. Default: the address. */
  readonly tlsServerName?: string | undefined;
  /** Time for all of it; at most a minute counts. */
  readonly timeoutMs: number;
}

/** One attempt; ends when the signal does. */
export type Attempt = (target: Target, question: Question, signal: AbortSignal) => Promise<Outcome>;
