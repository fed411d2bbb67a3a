import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, the longest first: one of them that began last would go on when nothing is left to do beside it. */
const longest = [
  'releases.test.ts',
  'scaled.test.ts',
  'release-kills.test.ts',
  'secrets.test.ts',
  'commands.test.ts',
  'volumes.test.ts',
  'machine.test.ts',
  'secret-and-schedule-kills.test.ts',
];

/** Within each project, the files that take longest come first. Nobody remembers how long they took on a fresh machine. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => longest.indexOf(basename(moduleId)) + 1 || longest.length + 1;
    const project = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return sorted.toSorted((a, b) => project(a) - project(b) || place(a) - place(b));
  }
}
