import { Argument, Command } from 'commander';
import { completionScripts, type Shell, shells } from './completion-scripts.ts';

const examples = `
Examples:
  source <(airfield completion bash)                                      for this shell; for all, into ~/.bashrc
  airfield completion zsh > "\${fpath[1]}/_airfield"
  airfield completion fish > ~/.config/fish/completions/airfield.fish

For \`kubectl airfield\`, where kubectl itself is completed:
  airfield completion kubectl > ~/.local/bin/kubectl_complete-airfield
  chmod +x ~/.local/bin/kubectl_complete-airfield                         a folder of the PATH`;

/** `airfield completion <shell>`: what makes a shell complete verbs, options and names of Apps. */
export function completionCommand(): Command {
  return new Command('completion')
    .summary('print what makes a shell complete words')
    .description('Print what makes a shell complete verbs, options, and names of Apps and machines.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText('after', examples)
    .action((shell: Shell) => void process.stdout.write(completionScripts[shell]));
}
