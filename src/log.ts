import { type Logger, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that may hold a secret wherever they stand; they are never written, whatever is logged. */
const secret = ['authorization', 'token', 'password', 'stringData', 'data'];
const redact = secret.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** Lines wait for so long, in milliseconds, to be written together: written one by one they took a twentieth of a busy operator's time. */
const togetherMs = 100;

/** JSON lines on standard output, one for each thing that happened; what waits is written when the process exits. */
export function createLog(level: LogLevel): Logger {
  const options = {
    level,
    redact,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const output = pino.destination({ sync: true, minLength: 4096, periodicFlush: togetherMs });
  process.once('exit', () => output.flushSync());
  return pino(options, output);
}
