import type { NamedText } from './document.ts';
import { Locator, type Places } from './locate.ts';
import { listKey, MachineReport } from './machine-report.ts';
import { isTable } from './parse.ts';
import { parseYaml, YamlSyntaxError } from './parse-yaml.ts';
import { type Problem, problem } from './report.ts';
import { jsonMistake } from './scan-json.ts';
import { Section } from './section.ts';

/** What `fly machine list --json` prints, read. */
export interface MachineList {
  readonly machines: readonly Section[];
  readonly report: MachineReport;
}

const wanted = 'pass what `fly machine list --json` prints';

/** The machines of a list, or the error that keeps it from being one. */
export function readMachineList({ file, text: source }: NamedText): MachineList | Problem {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const lines = new Locator(text, []);
  const broken = (message: string, place = lines.at(0)): Problem => ({
    ...problem('brokenMachines', '', message, place),
    file,
  });
  const mistake = jsonMistake(text);
  if (mistake) return broken(`${mistake.message}; ${wanted}`, lines.at(mistake.offset));
  if (!/^\s*[[{]/.test(text)) return broken(`there is no list of machines: ${wanted}`);
  try {
    // The reader of documents wants a table at the top. It gets one line more, which is taken away from its places.
    const { root, locator } = parseYaml(`{"${listKey}":\n${text}\n}`);
    const list = root[listKey] ?? [];
    if (!isTable(list) && !(Array.isArray(list) && list.every(isTable)))
      return broken(`there is something else than machines in the list: ${wanted}`);
    const report = new MachineReport(oneLineUp(locator), root);
    return { machines: new Section(report, [], root).sections(listKey), report };
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    return broken(`${error.message}; ${wanted}`, { ...error.position, line: Math.max(1, error.position.line - 1) });
  }
}

function oneLineUp(places: Places): Places {
  const locate: Places['locate'] = (path) => {
    const { line, column } = places.locate(path);
    return { line: Math.max(1, line - 1), column };
  };
  return { locate, overlays: [] };
}
