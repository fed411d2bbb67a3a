import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** What a program of its own prints that logs this, for the log goes to standard output. */
async function logged(level: string, program: string): Promise<Record<string, unknown>[]> {
  const script = `import { createLog } from './src/log.ts'; const log = createLog('${level}'); ${program}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

it('writes one line of JSON for each thing that happened, also just before the process ends', async () => {
  const [line, ...more] = await logged('info', "log.info({ name: 'hello' }, 'reconciled'); process.exit(0);");
  expect(line).toMatchObject({ level: 'info', name: 'hello', msg: 'reconciled' });
  expect(Date.parse(String(line!.time))).not.toBeNaN();
  expect(more).toEqual([]);
});

it('leaves out what is below its level', async () => {
  const lines = await logged('warn', "log.info({}, 'a'); log.warn({}, 'b'); log.error({}, 'c');");
  expect(lines.map(({ msg }) => msg)).toEqual(['b', 'c']);
});

it('writes no secret, wherever it stands', async () => {
  const lines = await logged(
    'info',
    `
    const value = 'c2VjcmV0';
    log.info({ token: value, headers: { authorization: value } }, 'request');
    log.info({ secret: { data: { KEY: value }, stringData: { KEY: value } } }, 'object');
    log.info({ cluster: { user: { token: value, password: value } } }, 'kubeconfig');
    log.error({ err: Object.assign(new Error('failed'), { headers: { authorization: value } }) }, 'error');
    `,
  );
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toContain('c2VjcmV0');
});
