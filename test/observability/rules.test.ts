import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { run } from '../cluster/exec.ts';
import { type AlertCase, alertCases, type Series } from './alert-cases.ts';
import { ensurePrometheus } from './prometheus-installed.ts';

const root = join(import.meta.dirname, '..', '..');
const path = join(root, 'charts', 'airfield', 'files', 'rules.yaml');

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
const { groups } = parse(readFileSync(path, 'utf8')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

beforeAll(ensurePrometheus, 300_000);

/** What promtool is to find at that time: these alerts and no others. */
const unitTest = (series: Series, { at, labels }: AlertCase, { alert, labels: own }: Rule, fires: boolean) => ({
  interval: '1m',
  input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
  alert_rule_test: [
    { eval_time: at, alertname: alert, exp_alerts: fires ? [{ exp_labels: { ...own, ...labels } }] : [] },
  ],
});

/** Rejects with what promtool says. What annotations say is not compared: they are left out. */
async function promtool(tests: object[], rule: Rule): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'rules-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const bare = {
    groups: groups.map((group) => ({ ...group, rules: group.rules.map(({ annotations: _, ...rest }) => rest) })),
  };
  await writeFile(join(directory, 'rules.json'), JSON.stringify(bare));
  const file = join(directory, `${rule.alert}.json`);
  await writeFile(file, JSON.stringify({ rule_files: ['rules.json'], evaluation_interval: '1m', tests }));
  await run('promtool', ['test', 'rules', file]);
}

it('Prometheus takes the rules', async () => {
  expect(await run('promtool', ['check', 'rules', path])).toContain('SUCCESS');
});

it('there is a case for every alert, and no other', () => {
  expect(Object.keys(alertCases).sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

describe.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (alert, rule) => {
  const one = alertCases[alert]!;
  it('fires where it should', () => promtool([unitTest(one.fires, one, rule, true)], rule));

  it('is quiet where nothing is wrong', () =>
    promtool(
      one.quiet.map((series) => unitTest(series, one, rule, false)),
      rule,
    ));

  it('says how urgent it is, what is wrong, and what to do next', () => {
    const { labels, annotations } = rule;
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary.replaceAll(/\{\{.*?\}\}/g, 'value').length).toBeLessThan(80);
    expect(annotations.description).toMatch(/`kubectl [^`]*`/);
    const verbs = [...annotations.description.matchAll(/kubectl airfield (\S+)/g)].map(([, verb]) => verb);
    expect(verbs.filter((verb) => !existsSync(join(root, 'src', 'commands', `${verb}.ts`)))).toEqual([]);
  });
});

it('an alert about an App names it in its labels, so that it reaches whose it is', () => {
  const about = rules.filter(({ annotations }) => /labels\.app\b/.test(Object.values(annotations).join()));
  const without = about.filter(({ alert }) => !alertCases[alert]?.labels.namespace || !alertCases[alert]?.labels.app);
  expect(without.map(({ alert }) => alert)).toEqual([]);
  expect(about.length).toBeGreaterThan(10);
});

it('the docs have the alerts as they are', () => {
  const docs = readFileSync(join(root, 'docs', 'observability.md'), 'utf8');
  const rows = [...docs.matchAll(/^\| `(Airfield\w+)` \| .+ \| (\w+) \| (\w+) \|$/gm)].map((row) => row.slice(1));
  expect(rows).toEqual(rules.map(({ alert, for: after, labels }) => [alert, after, labels.severity]));
});
