import type { Command, Option } from 'commander';

/** What a word may become: the word, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** A value that only the cluster, or this computer, knows. */
export type Sought = 'apps' | 'namespaces' | 'contexts' | 'machines' | 'files' | 'nothing';

/** What the last of some words may become: those that are known, and those that have to be looked up. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly sought: Sought;
}

const nothing: Completion = { candidates: [], sought: 'nothing' };

/** By what the value of an option is called in its flags, and by the names of options. */
const soughtBy: Readonly<Record<string, Sought>> = {
  '--app': 'apps',
  '--namespace': 'namespaces',
  '--context': 'contexts',
  '--machine': 'machines',
};

/** What the last of `words` may become, which follow the name of the program; it may be empty. */
export function completionOf(program: Command, words: readonly string[]): Completion {
  const [before, last = ''] = [words.slice(0, -1).filter((word) => word !== '='), words.at(-1)];
  // What follows `--` is another program's.
  if (before.includes('--')) return { candidates: [], sought: 'files' };
  const command = commandOf(program, before);
  const pending = optionOf(command, before.at(-1) ?? '');
  if (pending?.required) return begunAs(valuesOf(pending), last);
  if (last.startsWith('-')) return begunAs(optionsOf(command), last);
  return begunAs(argumentsOf(command), last);
}

/** The command that words lead to: a verb, or a verb of a verb. */
function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const [index, word] of words.entries()) {
    if (word.startsWith('-') || optionOf(command, words[index - 1] ?? '')?.required) continue;
    command = command.commands.find((one) => one.name() === word) ?? command;
  }
  return command;
}

const optionOf = (command: Command, word: string): Option | undefined =>
  word.startsWith('-') ? command.options.find(({ long, short }) => long === word || short === word) : undefined;

function valuesOf({ argChoices, long }: Option): Completion {
  if (argChoices) return listed(argChoices);
  return {
    candidates: [],
    sought: soughtBy[long ?? ''] ?? (/file|kubeconfig|patch|secrets/.test(long ?? '') ? 'files' : 'nothing'),
  };
}

function optionsOf(command: Command): Completion {
  const shown = command.options.filter(({ hidden, long }) => !hidden && long);
  const candidates = shown.map(({ long, description }) => ({ word: long ?? '', about: description }));
  return { candidates: [...candidates, { word: '--help', about: 'show help' }], sought: 'nothing' };
}

function argumentsOf(command: Command): Completion {
  const verbs = command.commands.filter((one) => !(one as { _hidden?: boolean })._hidden);
  if (verbs.length > 0) {
    const about = (one: Command) => one.summary() || one.description();
    return { candidates: verbs.map((one) => ({ word: one.name(), about: about(one) })), sought: 'nothing' };
  }
  const [argument] = command.registeredArguments;
  if (!argument) return nothing;
  if (argument.argChoices) return listed(argument.argChoices);
  return { candidates: [], sought: /file/.test(argument.name()) ? 'files' : 'nothing' };
}

const listed = (words: readonly string[]): Completion => ({
  candidates: words.map((word) => ({ word, about: '' })),
  sought: 'nothing',
});

function begunAs({ candidates, sought }: Completion, begin: string): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(begin)), sought };
}
