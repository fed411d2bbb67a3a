import { type Logger, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that may hold a secret wherever they stand; they are never written, whatever is logged. */
const secret = ['authorization', 'token', 'password', 'stringData', 'data'];
const redact = secret.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** JSON lines on standard output, one for each thing that happened. */
export function createLog(level: LogLevel): Logger {
  return pino({
    level,
    redact,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
