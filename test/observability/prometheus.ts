import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../cluster/exec.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { ensurePrometheus } from './prometheus-installed.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  /** `host:port` by job. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
  /** Paths of files with rules. */
  readonly rules: readonly string[];
}

/** A real Prometheus, which asks every other second and keeps labels as they are told, as the chart's PodMonitors do. */
export class Prometheus {
  readonly #url: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #said = '';

  private constructor(port: number, { jobs, rules }: PrometheusOptions) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const config = {
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
      rule_files: rules,
      scrape_configs: Object.entries(jobs).map(([job, targets]) => ({
        job_name: job,
        honor_labels: true,
        static_configs: [{ targets }],
      })),
    };
    const file = join(this.#directory, 'prometheus.json');
    writeFileSync(file, JSON.stringify(config));
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(this.#directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ];
    this.#child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
  }

  static async start(options: PrometheusOptions): Promise<Prometheus> {
    await ensurePrometheus();
    const [port = 0] = await freePorts(1);
    const prometheus = new Prometheus(port, options);
    const isReady = () =>
      fetch(`${prometheus.#url}/-/ready`)
        .then(({ ok }) => ok)
        .catch(() => false);
    await until('Prometheus to be ready', isReady).catch(async (error) => {
      await prometheus.stop();
      throw new Error(`${error}; it said:\n${prometheus.#said}`);
    });
    return prometheus;
  }

  /** What it answers to PromQL; rejects with what it says is wrong. */
  async query(promql: string): Promise<Sample[]> {
    interface Answer {
      resultType: string;
      result: { metric: Record<string, string>; value: [number, string] }[] | [number, string];
    }
    const { resultType, result } = await this.#get<Answer>(`/api/v1/query?query=${encodeURIComponent(promql)}`);
    if (resultType !== 'vector') return [{ metric: {}, value: Number(result[1]) }];
    return (result as Exclude<Answer['result'], [number, string]>).map(({ metric, value }) => ({
      metric,
      value: Number(value[1]),
    }));
  }

  /** The one value; undefined where there is none, or there are several. */
  async value(promql: string): Promise<number | undefined> {
    const samples = await this.query(promql);
    return samples.length === 1 ? samples[0]?.value : undefined;
  }

  /** Rules by name, and whether they could be evaluated. */
  async rules(): Promise<{ name: string; health: string }[]> {
    const { groups } = await this.#get<{ groups: { rules: { name: string; health: string }[] }[] }>('/api/v1/rules');
    return groups.flatMap(({ rules }) => rules.map(({ name, health }) => ({ name, health })));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}${path}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T };
    if (status !== 'success') throw new Error(`${error}, of ${decodeURIComponent(path)}`);
    return data;
  }
}
