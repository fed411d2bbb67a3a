/** A gate, as it runs in a container: configured by the environment, stopped by SIGTERM. */
import { readGateConfig } from './gate/config-env.ts';
import { runGate } from './gate/run.ts';

process.exitCode = await runGate(() => readGateConfig(process.env));
