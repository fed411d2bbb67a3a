import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a folder of src/, or a file that stands at its top, may import beside itself. Entry points may import all. */
const arrows: Record<string, readonly string[]> = {
  api: [],
  toml: ['api'],
  sealing: ['api'],
  desired: ['api'],
  release: ['api', 'desired'],
  scaling: ['api', 'desired', 'suspend'],
  status: ['api', 'desired', 'release'],
  kube: [],
  probe: [],
  'gate-client': ['api'],
  suspend: ['api', 'kube'],
  log: [],
  config: ['log'],
  exposition: [],
  metrics: ['exposition'],
  server: ['metrics'],
  controller: [
    'api',
    'sealing',
    'desired',
    'release',
    'scaling',
    'suspend',
    'status',
    'kube',
    'probe',
    'gate-client',
    'config',
    'log',
    'exposition',
    'metrics',
    'server',
  ],
  gate: ['api', 'desired', 'suspend', 'kube', 'config', 'log', 'exposition', 'metrics', 'server'],
  commands: [
    'api',
    'toml',
    'sealing',
    'desired',
    'release',
    'status',
    'kube',
    'controller',
    'gate',
    'config',
    'log',
    'metrics',
    'server',
  ],
};
const entryPoints = ['operator', 'gate.ts', 'cli'];
/** The built-in modules of Node.js that compute and do nothing else. */
const pureModules = ['node:crypto', 'node:util'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

const sources = filesUnder('src');
const imports = sources.flatMap(importsOf);
const ours = imports.filter(({ target }) => target.startsWith('src/'));
const foreign = imports.filter(({ target }) => !target.startsWith('src/'));

describe('the arrows between the parts', () => {
  it('are found', () => {
    expect(ours.length).toBeGreaterThan(50);
    expect(ours).toContainEqual({ file: 'src/kube/client.ts', target: 'src/kube/auth.ts', isTypeOnly: false });
    expect(foreign.map(({ target }) => target)).toContain('zod');
    expect(ours.filter(({ target }) => !sources.includes(target)).map(arrow)).toEqual([]);
  });

  it('lead only where they may', () => {
    const wrong = ours.filter(({ file, target }) => {
      const [from, to] = [partOf(file), partOf(target)];
      return from !== to && !entryPoints.includes(from) && !arrows[from]?.includes(to);
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  it('never lead to an entry point', () => {
    const wrong = ours.filter(({ target }) => entryPoints.includes(partOf(target)));
    expect(wrong.map(arrow)).toEqual([]);
  });

  it('never lead in a circle', () => {
    expect(circle(ours)).toBeUndefined();
    const back = { file: 'src/kube/auth.ts', target: 'src/kube/client.ts', isTypeOnly: false };
    expect(circle([...ours, back])).toContain('src/kube/auth.ts');
  });
});

describe('the pure parts', () => {
  it('do no input or output', () => {
    const isPure = ({ file }: Import) =>
      ['toml', 'sealing', 'desired', 'release', 'scaling', 'status'].includes(partOf(file));
    const wrong = foreign.filter((entry) => isPure(entry) && /^node:/.test(entry.target));
    expect(wrong.filter(({ target }) => !pureModules.includes(target)).map(arrow)).toEqual([]);
  });

  it('take time and randomness as parameters', () => {
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\bprocess\.env\b/;
    const wrong = sources.filter(
      (file) => ['toml', 'desired', 'release', 'scaling', 'status'].includes(partOf(file)) && impure.test(text(file)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('connections', () => {
  const wrong = (modules: RegExp, ...parts: string[]) => {
    const found = foreign.filter(({ file, target }) => modules.test(target) && !parts.includes(partOf(file)));
    return found.filter(({ isTypeOnly }) => !isTypeOnly).map(arrow);
  };

  it('to the API server are made by src/kube alone', () => {
    expect(wrong(/^(node:http2|undici)$|^@kubernetes\//, 'kube')).toEqual([]);
  });

  it('to machines and gates are made by what knows nothing of the API server, and by the gate', () => {
    expect(wrong(/^node:https$/, 'kube', 'probe')).toEqual([]);
    expect(wrong(/^node:tls$/, 'kube', 'probe', 'gate')).toEqual([]);
    expect(wrong(/^node:(http|net|dgram)$/, 'kube', 'probe', 'gate-client', 'gate')).toEqual([]);
    expect(sources.filter((file) => partOf(file) !== 'gate' && /[^.\w]fetch\(/.test(text(file)))).toEqual([]);
  });
});

it('every part has its arrows', () => {
  const parts = new Set(sources.map(partOf));
  expect([...parts].filter((part) => !(part in arrows) && !entryPoints.includes(part))).toEqual([]);
});

it('every file is named after what it does', () => {
  const grabBag = /(^|\/)(utils?|helpers?|common|misc|shared)(\.|\/|$)/;
  expect([...sources, ...filesUnder('test')].filter((file) => grabBag.test(file))).toEqual([]);
});

function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort();
}

function importsOf(file: string): Import[] {
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm;
  const expression = /\bimport\('([^']+)'\)/g;
  const found = [...text(file).matchAll(statement)].map(([, type, name]) => ({ name: name!, isTypeOnly: !!type }));
  const dynamic = [...text(file).matchAll(expression)].map(([, name]) => ({ name: name!, isTypeOnly: false }));
  return [...found, ...dynamic].map(({ name, isTypeOnly }) => {
    const target = name.startsWith('.') ? join(dirname(file), name).replaceAll('\\', '/') : name;
    return { file, target, isTypeOnly };
  });
}

/** Folder of src/, or name of a file at its top. `gate` is a folder and an entry point; the latter keeps its `.ts`. */
function partOf(file: string): string {
  const [, first = '', ...rest] = file.split('/');
  return rest.length > 0 || first === 'gate.ts' ? first : first.replace(/\.ts$/, '');
}

/** The files of one circle, in order, if there is any. */
function circle(edges: readonly Import[]): string[] | undefined {
  const targets = Map.groupBy(edges, ({ file }) => file);
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const { target } of targets.get(file) ?? []) {
      const found = visit(target, [...path, file]);
      if (found) return found;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const found = visit(file, []);
    if (found) return found;
  }
  return undefined;
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const arrow = ({ file, target }: Import) => `${file} -> ${target}`;
