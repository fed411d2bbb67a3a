import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientApp, clientImage, helloApp } from './apps.ts';
import { Namespace, patience, refusal, until } from './kubectl.ts';
import { OperatorProcess } from './operator.ts';
import { Schedules, schedule, shell } from './schedules.ts';

let operator: OperatorProcess;
let acme: Namespace;
let schedules: Schedules;

/** The App that the runs are of. */
const client = (env: Record<string, string> = {}) =>
  clientApp('client', {
    primaryRegion: 'iad',
    env: { GREETING: 'hello', COLOUR: 'red', ...env },
    files: [{ path: '/etc/app.conf', content: 'from the App\n' }],
    processes: [
      { name: 'app', command: ['sleep', '86400'] },
      { name: 'worker', count: 0, command: ['echo', 'from the worker'] },
    ],
  });

const token = {
  apiVersion: 'airfield.dev/v1alpha1',
  kind: 'Secret',
  metadata: { name: 'client' },
  spec: { data: { TOKEN: { value: 'open sesame' } } },
};

beforeAll(async () => {
  acme = await Namespace.create('schedules');
  operator = await OperatorProcess.startIn(acme);
  schedules = new Schedules(acme);
  await acme.apply(token, client(), helloApp('hello', { processes: [{ name: 'app', count: 1 }] }));
  await Promise.all([acme.waitReady('client'), acme.waitReady('hello')]);
});
afterAll(async () => {
  await acme.delete();
  await operator.stop();
});

describe.concurrent('a run', () => {
  it('has the environment, the secrets and the files of its App, and reaches its network', async () => {
    // Policies let a new pod in a moment after it has its address.
    const asked = 'until timeout 5 wget -qO- http://hello.internal:8080/health; do sleep 1; done';
    const script = `env; cat /etc/app.conf; ${asked}`;
    await schedules.apply('whole', { env: { COLOUR: 'blue', TOKEN: 'mine' }, ...shell(script) });
    await schedules.told('whole', 'Scheduled');
    const said = (await schedules.outputOf('whole')).split('\n');
    const env = [
      'FLY_APP_NAME=client',
      'FLY_PROCESS_GROUP=app',
      'FLY_REGION=iad',
      'GREETING=hello',
      'COLOUR=blue',
      'TOKEN=open sesame',
    ];
    expect(said).toEqual(expect.arrayContaining([...env, 'from the App', 'ok']));
  });

  it('is of the process group that the Schedule names', async () => {
    await acme.apply(schedule('worker', { process: 'worker', command: undefined as never }));
    await schedules.told('worker', 'Scheduled');
    expect(await schedules.outputOf('worker')).toBe('from the worker\n');
  });

  it('begins when it is due, and tells when the next one does', async () => {
    await schedules.apply('due', { schedule: '@every 1s', ...shell('echo it is time') });
    const status = await until('a run', async () => {
      const status = await schedules.status('due');
      return status.lastRun?.result === 'succeeded' ? status : undefined;
    });
    expect(status?.lastRun).toMatchObject({
      exitCode: 0,
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    expect(status?.lastSuccess).toBe(status?.lastRun?.finishedAt);
    expect(Date.parse(status?.nextRun ?? '')).toBeGreaterThan(Date.parse(status?.lastRun?.startedAt ?? ''));
    expect(await acme.kubectl(['logs', `job/${status?.lastRun?.name}`])).toBe('it is time\n');
    expect(await acme.kubectl(['get', 'afsch', 'due'])).toMatch(
      /due\s+True\s+Scheduled\s+client\s+@every 1s\s+\S+\s+\w+\s+20\d\d-/,
    );
  });

  it('that fails is told with its exit code and its last words, until one succeeds', async () => {
    const fails = (code: number) => schedules.apply('fails', shell(`echo disk full; exit ${code}`));
    await fails(7);
    await schedules.told('fails', 'Scheduled');
    const { code, said } = await schedules.runNow('fails', '--wait');
    expect(code).toBe(1);
    expect(said).toMatch(/fails-now-\w+: failed: its program ended with exit code 7; it said: disk full/);
    expect(await schedules.told('fails', 'ProgramFailed', 'RunFailed')).toMatch(/run fails-now-\w+: .*exit code 7/);
    expect((await schedules.status('fails')).lastRun).toMatchObject({ result: 'failed', exitCode: 7 });
    await fails(0);
    await until('the change', async () =>
      (await acme.kubectl(['get', 'cronjob', 'fails', '-o', 'yaml'])).includes('exit 0'),
    );
    await schedules.outputOf('fails');
    await until(
      'no failure to be told',
      async () => !JSON.stringify(await schedules.status('fails')).includes('RunFailed'),
    );
  });

  it('whose image there is not says so in the condition', async () => {
    await schedules.apply('no-image', { image: 'airfield.local/nothing:1' });
    await schedules.told('no-image', 'Scheduled');
    const { said } = await schedules.runNow('no-image', '--wait', '--timeout', '4s');
    expect(said).toMatch(/not over after \d+ s, and goes on/);
    const message = await schedules.told('no-image', /ImagePull/);
    expect(message).toMatch(/^run no-image-now-\w+ does not begin: machine .*airfield\.local\/nothing:1/);
    expect(await acme.kubectl(['get', 'afsch', 'no-image'])).toMatch(/False\s+(ErrImagePull|ImagePullBackOff)/);
  });

  it('that takes too long is ended', async () => {
    await schedules.apply('slow', { timeout: '2s', ...shell('exec sleep 300') });
    await schedules.told('slow', 'Scheduled');
    expect((await schedules.runNow('slow', '--wait')).code).toBe(1);
    expect(await schedules.told('slow', 'DeadlineExceeded', 'RunFailed')).toMatch(
      /was ended after 2 seconds, its `timeout`/,
    );
  });

  it('is tried again as often as it may be', async () => {
    await schedules.apply('retries', { retries: 1, ...shell('exit 5') });
    await schedules.told('retries', 'Scheduled');
    await schedules.runNow('retries');
    expect(await schedules.told('retries', 'ProgramFailed', 'RunFailed')).toMatch(
      /failed 2 times; the last one .*exit code 5/,
    );
  });

  it('is of the release that its App has when it begins', async () => {
    await acme.apply(clientApp('changing', { env: { VERSION: 'one' } }));
    await schedules.apply('follows', { app: 'changing', ...shell('echo $VERSION $FLY_MACHINE_VERSION') });
    await schedules.told('follows', 'Scheduled');
    expect(await schedules.outputOf('follows')).toBe('one 1\n');
    await acme.apply(clientApp('changing', { env: { VERSION: 'two' } }));
    await until('release 2', async () => (await schedules.status('follows')).release === 2);
    expect(await schedules.outputOf('follows')).toBe('two 2\n');
  });
});

describe.concurrent('a Schedule', () => {
  const running = (name: string) => schedules.status(name).then((status) => status.running);

  /** A time that was due so many minutes ago, and its run, which begins at once. */
  const due = async (name: string, minutesAgo: number, concurrency: 'forbid' | 'replace') => {
    const time = `${new Date(Date.now() - minutesAgo * 60_000).getUTCMinutes()} * * * *`;
    await schedules.apply(name, { schedule: time, concurrency, ...shell('exec sleep 300') });
    await until('the time', async () => (await schedules.status(name)).cron === time);
    await schedules.missed(name);
  };

  it('with `forbid` has one run at a time', async () => {
    await due('forbids', 4, 'forbid');
    await until('a run', async () => (await running('forbids')) === 1);
    const [first] = await schedules.jobs('forbids');
    await due('forbids', 2, 'forbid');
    const skipped = async () =>
      (await acme.kubectl(['events', '--for', 'cronjob/forbids'])).includes('JobAlreadyActive');
    await until('a run to be skipped', skipped);
    expect(await schedules.jobs('forbids')).toEqual([first]);
  });

  it('with `replace` ends the run that is on its way', async () => {
    await due('replaces', 4, 'replace');
    await until('a run', async () => (await running('replaces')) === 1);
    const [first] = await schedules.jobs('replaces');
    await due('replaces', 2, 'replace');
    await until('another run', async () => {
      const jobs = await schedules.jobs('replaces');
      return jobs.length === 1 && jobs[0] !== first;
    });
    await until('it to be told', async () => {
      const [job] = await schedules.jobs('replaces');
      const { name, result } = (await schedules.status('replaces')).lastRun ?? {};
      return job === `job.batch/${name}` && result === 'running';
    });
  });

  it('that is suspended begins no runs but those by hand', async () => {
    await schedules.apply('suspended', { schedule: '@every 1s', suspend: true, ...shell('echo by hand') });
    await schedules.told('suspended', 'Suspended');
    await schedules.missed('suspended');
    expect(await schedules.outputOf('suspended')).toBe('by hand\n');
    expect(await schedules.jobs('suspended')).toEqual([expect.stringContaining('suspended-now-')]);
    expect(await schedules.status('suspended')).not.toHaveProperty('nextRun');
    await schedules.apply('suspended', { schedule: '@every 1s', ...shell('echo by hand') });
    await until('the missed run', async () => (await schedules.jobs('suspended')).length === 2);
  });

  it('keeps as many runs as it should', async () => {
    await schedules.apply('keeps', { keep: { succeeded: 1, failed: 0 } });
    await schedules.told('keeps', 'Scheduled');
    await schedules.outputOf('keeps');
    const { job } = await schedules.runNow('keeps');
    await until(
      'one run to be kept',
      async () => (await schedules.jobs('keeps')).join() === `job.batch/${job.slice(4)}`,
    );
    await until('it to be told', async () => {
      const { name, result } = (await schedules.status('keeps')).lastRun ?? {};
      return name === job.slice(4) && result === 'succeeded';
    });
  });

  it('waits for its App, and goes with it', async () => {
    await schedules.apply('early', { app: 'late' });
    expect(await schedules.told('early', 'AppNotFound')).toContain('there is no App `late` in this namespace');
    const { said, code } = await schedules.runNow('early');
    expect(code).toBe(2);
    expect(said).toMatch(/Schedule early has nothing to run yet: AppNotFound: there is no App `late`/);
    await acme.apply(clientApp('late'));
    await schedules.told('early', 'Scheduled');
    await acme.kubectl(['delete', 'app', 'late']);
    await schedules.told('early', 'AppNotFound');
    await until('its CronJob to go', async () =>
      (await acme.names('cronjobs')).every((name) => !name.endsWith('/early')),
    );
  });

  it('of a process group that there is not says which there are, and goes on as it was until it is suspended', async () => {
    const itsCronJob = async () => (await acme.names('cronjobs')).filter((name) => name.endsWith('/lost'));
    await schedules.apply('lost', { process: 'worker' });
    await schedules.told('lost', 'Scheduled');
    await schedules.apply('lost', { process: 'cron' });
    expect(await schedules.told('lost', 'UnknownProcess', 'Stalled')).toContain('write `app` or `worker`');
    expect(await itsCronJob()).toHaveLength(1);
    await schedules.apply('lost', { process: 'cron', suspend: true });
    await until('no more runs to begin', async () => (await itsCronJob()).length === 0);
  });

  it('of a time zone in other letters says so', async () => {
    await schedules.apply('zone', { timeZone: 'europe/berlin' });
    expect(await schedules.told('zone', 'InvalidTimeZone', 'Stalled')).toContain('there is no `europe/berlin`');
  });

  it('that is wrong is refused at once', async () => {
    const bad = JSON.stringify(schedule('bad', { schedule: '0 25 * * *' }));
    expect(await refusal(['-n', acme.name, 'apply', '-f', '-'], bad)).toMatch(
      /spec\.schedule.*the hour \(second field\) goes from 0 to 23/,
    );
  });

  it('is nothing that run-now can find where there is none', async () => {
    const { said, code } = await schedules.runNow('nothing');
    expect([code, said]).toEqual([
      2,
      expect.stringContaining(`there is no Schedule nothing in namespace ${acme.name}`),
    ]);
  });
});

describe.concurrent('fifty Schedules', () => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  interface CronJob {
    metadata: { name: string };
    spec: { schedule: string };
  }
  const cronJobs = async (of: Namespace) =>
    (await of.list<CronJob>('cronjobs')).map(({ metadata, spec }) => `${metadata.name} ${spec.schedule}`).sort();

  it('are the same when the operator is killed while it makes them', async ({ onTestFinished }) => {
    const many = await Namespace.create('many');
    // As a container that is started again: its Lease is still its own.
    const env = { AIRFIELD_IDENTITY: many.name };
    // One at a time, so that there is a time in between.
    const killed = await OperatorProcess.startIn(many, { env: { ...env, AIRFIELD_CONCURRENCY: '1' } });
    onTestFinished(async () => void (await killed.stop()));
    await many.apply(clientApp('client', { image: clientImage, count: 0 }));
    await many.waitReady('client');
    const applied = many.apply(...names.map((name) => schedule(name, { schedule: 'daily' })));
    await until('some of them', async () => (await cronJobs(many)).length >= 5, patience, 20);
    await killed.kill('SIGKILL');
    await applied;
    const before = await cronJobs(many);
    expect(before.length).toBeLessThan(names.length);
    const restarted = await OperatorProcess.startIn(many, { env });
    onTestFinished(async () => void (await restarted.stop()));
    await many.wait('condition=Ready', 'schedules.airfield.dev', '--all');
    const after = await cronJobs(many);
    expect(after.map((line) => line.split(' ')[0])).toEqual([...names].sort());
    expect(after).toEqual(expect.arrayContaining(before));
    expect(new Set(after.map((line) => line.split(' ').slice(1).join(' '))).size).toBeGreaterThan(45);
    await many.delete();
  });
});
