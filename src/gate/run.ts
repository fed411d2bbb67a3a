import { connect } from '../kube/client.ts';
import { createLog } from '../log.ts';
import type { GateConfig } from './config-env.ts';
import { Gate } from './gate.ts';
import { createGateMetrics } from './metrics.ts';

/**
 * Runs a gate until SIGTERM, SIGINT or SIGHUP. Resolves with the exit code: 0 after a stop that was asked for, 1 where it cannot
 * work, with the reason on standard error.
 */
export async function runGate(config: () => GateConfig): Promise<number> {
  const asked = Promise.withResolvers<'asked'>();
  process.once('SIGTERM', () => asked.resolve('asked'));
  process.once('SIGINT', () => asked.resolve('asked'));
  process.once('SIGHUP', () => asked.resolve('asked'));
  try {
    const { gate, close } = await createGate(config());
    try {
      // Until it sees the cluster it may wait for long, and has nothing to end.
      if ((await Promise.race([gate.start(), asked.promise])) === 'asked') await gate.abort();
      else await asked.promise.then(() => gate.stop());
    } catch (error) {
      await gate.abort();
      throw error;
    } finally {
      close();
    }
    return 0;
  } catch (error) {
    console.error(`airfield: ${(error as Error).message}`);
    return 1;
  }
}

async function createGate(config: GateConfig): Promise<{ gate: Gate; close: () => void }> {
  const log = createLog(config.logLevel);
  const metrics = createGateMetrics(() => gate.now());
  const client = await connect({
    userAgent: 'airfield-gate',
    onRequest: ({ method, status }) =>
      metrics.requests.inc({ code: status || '<error>', method, host: client.server.host }),
  });
  const gate = new Gate({ config, client, metrics, log });
  return { gate, close: () => client.close() };
}
