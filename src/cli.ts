#!/usr/bin/env node
/** `airfield`: each verb is a file of commands/, loaded only when it is asked for. */
import { type Command, CommanderError, program } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { asCalled, programName } from './commands/program-name.ts';

const verbs: Readonly<Record<string, () => Promise<Command>>> = {
  completion: async () => (await import('./commands/completion.ts')).completionCommand(),
  console: async () => (await import('./commands/console.ts')).consoleCommand(),
  convert: async () => (await import('./commands/convert.ts')).convertCommand(),
  diff: async () => (await import('./commands/diff.ts')).diffCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  explain: async () => (await import('./commands/explain.ts')).explainCommand(),
  gate: async () => (await import('./commands/gate.ts')).gateCommand(),
  logs: async () => (await import('./commands/logs.ts')).logsCommand(),
  open: async () => (await import('./commands/open.ts')).openCommand(),
  operator: async () => (await import('./commands/operator.ts')).operatorCommand(),
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand(),
  releases: async () => (await import('./commands/releases.ts')).releasesCommand(),
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand(),
  'run-now': async () => (await import('./commands/run-now.ts')).runNowCommand(),
  'rotate-key': async () => (await import('./commands/rotate-key.ts')).rotateKeyCommand(),
  scale: async () => (await import('./commands/scale.ts')).scaleCommand(),
  seal: async () => (await import('./commands/seal.ts')).sealCommand(),
  status: async () => (await import('./commands/status.ts')).statusCommand(),
  tokens: async () => (await import('./commands/tokens.ts')).tokensCommand(),
};

const usageError = 2;
/** Asked by shells, and by kubectl for its plugins. */
const forShells = '__complete';

program
  .name(programName())
  .description("Fly.io's ways on your own Kubernetes.")
  .version(manifest.version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'show help; `airfield help <command>` shows that of a command')
  .showSuggestionAfterError()
  .configureOutput({
    writeOut: (text) => void process.stdout.write(asCalled(text)),
    writeErr: (text) => void process.stderr.write(asCalled(text)),
  })
  .exitOverride();

// Who reads may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  for (const command of await commands(process.argv[2])) {
    program.addCommand(command.copyInheritedSettings(program).helpOption('-h, --help', 'show help'));
    for (const part of command.commands) part.copyInheritedSettings(command).helpOption('-h, --help', 'show help');
  }
  if (process.argv[2] === forShells) process.stdout.write(await completed(process.argv.slice(3)));
  else await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : usageError;
}

/** The command that is asked for; all of them where the help or a suggestion needs their names. */
function commands(asked = ''): Promise<Command[]> {
  if (asked === '-V' || asked === '--version') return Promise.resolve([]);
  const names = Object.hasOwn(verbs, asked) ? [asked] : Object.keys(verbs);
  return Promise.all(names.map((name) => verbs[name]!()));
}

async function completed(words: readonly string[]): Promise<string> {
  const { complete } = await import('./commands/complete.ts');
  return complete(program, words);
}
