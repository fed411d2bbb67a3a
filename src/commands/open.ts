import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { type AppFlags, appOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import { inCluster, type Session } from './session.ts';

interface Flags extends AppFlags {
  readonly print?: true;
}

const examples = `
Examples:
  airfield open -a hello              its first URL, in the browser
  airfield open /admin -a hello       a page of it
  airfield open -a hello --print      only say the URL, as where there is no terminal`;

/** `airfield open [path]`: an App in the browser. */
export function openCommand(): Command {
  const command = new Command('open')
    .summary('open an App in the browser')
    .description('Print the URL of an App, and open it in the browser.')
    .argument('[path]', 'page of the App', '/');
  return appOptions(command)
    .option('--print', 'only print the URL')
    .addHelpText('after', examples)
    .action((path: string, flags: Flags) => inCluster(flags, (session) => open(session, path, flags)));
}

async function open(session: Session, path: string, flags: Flags): Promise<number> {
  const [{ findApp }, { note }] = await Promise.all([import('./find-app.ts'), import('./messages.ts')]);
  const { name, app } = await findApp(session, flags);
  const url = webUrl(app.status.urls ?? [], path);
  if (!url) throw new CommandError(`${name} has no URL for browsers: \`airfield proxy 8080 -a ${name}\` leads to it`);
  process.stdout.write(`${url}\n`);
  if (/\.svc\.[^/]*\/|\.svc\//.test(url))
    note(`that is a name inside of the cluster; from here \`airfield proxy 8080 -a ${name}\` leads to it`);
  else if (!flags.print && process.stdout.isTTY) await browse(url);
  return 0;
}

/** The first URL that a browser takes, with a page of it. */
export function webUrl(urls: readonly string[], path: string): string | undefined {
  const [first] = urls.filter((url) => /^https?:/.test(url));
  return first && new URL(path.startsWith('/') ? path : `/${path}`, first).href;
}

/** Where nothing opens URLs, that it was printed is enough. */
async function browse(url: string): Promise<void> {
  const program = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  const { note } = await import('./messages.ts');
  await new Promise<void>((resolve) => {
    child.on('spawn', resolve).on('error', () => {
      note(`${program} is not there to open it`);
      resolve();
    });
  });
  child.unref();
}
