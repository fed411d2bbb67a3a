import { Command, Option } from 'commander';
import { operatorNamespaceOption } from './operator-namespace.ts';
import type { SealFlags } from './seal-secret.ts';

const examples = `
Examples:
  airfield seal --name hello DATABASE_URL                      asks for the value, and does not show it
  pass show db/url | airfield seal --name hello DATABASE_URL > secret.yaml
  airfield seal --name hello --from-env-file .env > secret.yaml
  airfield seal --into secret.yaml API_KEY < api-key.txt       adds or replaces a value in a file
  airfield seal --into secret.yaml --from-env-file .env API_KEY SESSION_KEY
  airfield seal --namespace acme --name hello --public-key age1… API_KEY      needs no cluster
  kubectl get configmap airfield-sealing-key -o jsonpath={.data.publicKey} > key.txt   for --public-key key.txt

Only the operator can open what is printed, and only in this namespace, Secret and key: it is safe in Git. The file is
the whole Secret: a value that is not in it any more is gone when it is applied, so add to the file with --into.

One newline at the end of a single line is dropped, for \`echo\` puts it there. A value of several lines, such as a key, is
kept as it is. --raw keeps the newline, and takes an empty value. Values are text in UTF-8.
Exit code: 0 when it is sealed, 2 when something is wrong. docs/secrets.md says more.`;

/** `airfield seal`: encrypts values so that only the operator can read them. */
export function sealCommand(): Command {
  return new Command('seal')
    .summary('encrypt a value for a Secret, so that it is safe in Git')
    .description(
      'Encrypt values for a Secret, so that they are safe in Git. Values come from standard input or a file.',
    )
    .argument('[keys...]', 'the variable whose value is on standard input; or, of a file, those that are meant')
    .option('--name <name>', 'name of the Secret; that of the App where it is for one App')
    .option('-n, --namespace <name>', 'namespace of the Secret (default: that of the kubeconfig)')
    .option('--from-env-file <file>', 'seal every variable of a file of lines NAME=value, or - for standard input')
    .addOption(appOption())
    .option('--into <file>', 'add the values to the Secret in this YAML file, or make it')
    .addOption(new Option('-o, --output <format>', 'what is printed').choices(['yaml', 'json', 'box']).default('yaml'))
    .option('--raw', 'take standard input as it is, with a newline at its end')
    .option('--public-key <key>', 'public key of the operator, or a file with it (default: that of the cluster)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .addOption(operatorNamespaceOption())
    .addHelpText('after', examples)
    .action(async (keys: string[], flags: SealFlags) => {
      const { sealSecret } = await import('./seal-secret.ts');
      process.exitCode = await sealSecret(keys, flags);
    });
}

function appOption(): Option {
  return new Option('--app <name>', 'App that gets the values (default: the one called as the Secret); may be repeated')
    .argParser((name: string, before: readonly string[]) => [...before, name])
    .default([], 'none');
}
