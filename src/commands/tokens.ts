import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { seconds } from '../api/duration.ts';
import { duration } from '../api/scalars.ts';
import { appOptions, type ClusterFlags, clusterOptions, outputOption } from './cluster-options.ts';
import { inCluster } from './session.ts';
import type { CreateTokenFlags } from './token-create.ts';
import type { ListTokensFlags } from './token-list.ts';
import { type TokenScope, tokenScopes } from './token-objects.ts';
import type { RevokeFlags } from './token-revoke.ts';

const createExamples = `
Examples:
  airfield tokens create deploy -a hello                          print a token that may deploy hello for a day
  airfield tokens create deploy -a hello --output kubeconfig --file ci.yaml --expiry 720h
  KUBECONFIG=ci.yaml kubectl patch apps.airfield.dev hello --type merge -p '{"spec": {"image": "registry.example.com/hello:2"}}'

deploy  may look at the App, and change its image and env: nothing else of it, and not delete it
read    may look at the App
Both may read pods, their logs, and Events of the whole namespace, for RBAC cannot tell Apps apart there. A token is shown
once and kept nowhere. It ends with its App. You need the rights of the ClusterRole admin in the namespace.`;

/** `airfield tokens`: access to one App, for pipelines and for people. */
export function tokensCommand(): Command {
  return new Command('tokens')
    .summary('access to one App for a time, for pipelines')
    .description('Access to one App, and no other, for a time: a service account, a Role and a token.')
    .addCommand(create())
    .addCommand(list())
    .addCommand(revoke());
}

function create(): Command {
  return appOptions(new Command('create'))
    .description('Make a token for one App, and print it.')
    .addArgument(new Argument('<scope>', 'what it may do').choices(tokenScopes))
    .option('--expiry <duration>', 'how long it is good, from 10m to 8760h', expiryFlag, '24h')
    .addOption(
      new Option('-o, --output <format>', 'what is printed').choices(['token', 'kubeconfig', 'json']).default('token'),
    )
    .option('--file <path>', 'write that to a new file that only you can read')
    .addHelpText('after', createExamples)
    .action(async (scope: TokenScope, flags: CreateTokenFlags) => {
      const { createToken } = await import('./token-create.ts');
      await inCluster(flags, (session) => createToken(session, scope, flags));
    });
}

function list(): Command {
  return clusterOptions(new Command('list').option('-a, --app <name>', 'of this App only'))
    .description('Show the tokens of a namespace: what for, by whom they were made, and when they expire.')
    .addOption(outputOption())
    .action(async (flags: ListTokensFlags & ClusterFlags) => {
      const { showTokens } = await import('./token-list.ts');
      await inCluster(flags, (session) => showTokens(session, flags));
    });
}

function revoke(): Command {
  return clusterOptions(new Command('revoke'))
    .description('End tokens: their rights are gone at once.')
    .argument('[names...]', 'as `airfield tokens list` shows them')
    .option('--expired', 'remove what is left of all that have expired')
    .action(async (names: string[], flags: RevokeFlags & ClusterFlags) => {
      const { revokeTokens } = await import('./token-revoke.ts');
      await inCluster(flags, (session) => revokeTokens(session, names, flags));
    });
}

const [shortest, longest] = [600, 8760 * 3600];

function expiryFlag(text: string): string {
  const isRight = duration().safeParse(text).success && seconds(text) >= shortest && seconds(text) <= longest;
  if (!isRight) throw new InvalidArgumentError('Write a duration from `10m` to `8760h`.');
  return text;
}
