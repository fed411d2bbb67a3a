import type { Config } from '../config.ts';
import { type Operator, startOperator } from './operator.ts';

/**
 * Runs the operator until SIGTERM or SIGINT. Resolves with the exit code: 0 after a stop that was asked for, 1 where it
 * cannot work, with the reason on standard error. Losing the lead ends the process at once, for the next leader writes.
 */
export async function runOperator(config: () => Config): Promise<number> {
  let operator: Operator;
  try {
    operator = await startOperator(config(), endNow);
  } catch (error) {
    console.error(`airfield: ${(error as Error).message}`);
    return 1;
  }
  await asked();
  await operator.stop();
  return 0;
}

function asked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
  return promise;
}

function endNow(): void {
  console.error('airfield: another operator leads now; this one ends');
  process.exit(1);
}
