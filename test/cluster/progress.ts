/** Tells what is being done: a line when a long step begins, a line with its time when a step ends. */
export interface Progress {
  step<T>(title: string, work: () => Promise<T>, begin?: string): Promise<T>;
  note(text: string): void;
}

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

export function printProgress(write: (line: string) => void): Progress {
  return {
    note: (text) => write(`  … ${text}`),
    async step(title, work, begin) {
      if (begin) write(`  … ${begin}`);
      const from = performance.now();
      try {
        const result = await work();
        write(`  ✓ ${title} (${seconds(from)})`);
        return result;
      } catch (error) {
        write(`  ✗ ${title} (${seconds(from)})`);
        throw error;
      }
    },
  };
}

/** Says nothing: for programs that use the cluster as a library. */
export const silent: Progress = { note: () => undefined, step: (_title, work) => work() };

/** On standard error, so that a command's standard output stays its answer. */
export const onStderr: Progress = printProgress((line) => process.stderr.write(`${line}\n`));
