/** The operator, as it runs in a container: configured by the environment, stopped by SIGTERM. */
import { readConfig } from './config.ts';
import { runOperator } from './controller/run.ts';

process.exitCode = await runOperator(() => readConfig(process.env));
