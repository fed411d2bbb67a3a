import { Command } from 'commander';
import { paintFor } from './terminal.ts';

const examples = `
Examples:
  airfield explain                                 the sections of fly.toml
  airfield explain http_service                    the keys of a section
  airfield explain http_service.internal_port      a key
  airfield explain 'services[].ports[].handlers'   the same as services.ports.handlers
  airfield explain '[[vm]] memory'                 a key as the report of convert names it

docs/fly-toml.md has all keys in one table. Whether the operator acts on a field of the App yet is said by
\`airfield convert\`, in a note.
Exit code: 0 when the key is known, 1 when it is not, 2 for a wrong option.`;

/** `airfield explain [key]`: says what becomes of a key of fly.toml. */
export function explainCommand(): Command {
  return new Command('explain')
    .summary('say what becomes of a key of fly.toml')
    .description('Say what becomes of a key or section of fly.toml: the field of the App, or what to do instead.')
    .argument('[key...]', 'a key or a section; without one, the sections are listed')
    .addHelpText('after', examples)
    .action(async (words: string[]) => {
      const { explain } = await import('./explain-key.ts');
      const { text, isKnown } = explain(words.join(' '), paintFor(process.stdout));
      (isKnown ? process.stdout : process.stderr).write(text);
      process.exitCode = isKnown ? 0 : 1;
    });
}
