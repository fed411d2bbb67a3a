import { describe, expect, it } from 'vitest';
import { type AppManifest, convert } from '../../src/toml/convert.ts';
import { patchApps } from '../../src/toml/patch.ts';
import { patchedSources } from '../../src/toml/patch-sources.ts';
import { pathText } from '../../src/toml/path.ts';
import { problemLine } from '../../src/toml/report-text.ts';

const file = `app = "hello"
[build]
image = "x:1"
[processes]
web = "serve"
job = "work"
[env]
A = "1"
B = "2"
[http_service]
internal_port = 80
processes = ["web"]
`;

const appOf = (text = file) => convert(text).app as AppManifest;
const head = 'kind: App\nmetadata: { name: hello }\n';

function patched(...patches: string[]): AppManifest {
  const { apps, problems } = patchApps(
    [appOf()],
    patches.map((text, index) => ({ file: `${index}.yaml`, text })),
  );
  expect(problems).toEqual([]);
  return apps[0]!;
}

function said(...patches: string[]): string[] {
  const files = patches.map((text, index) => ({ file: `${index}.yaml`, text }));
  return patchApps([appOf()], files).problems.map((problem) => problemLine('fly.toml', problem));
}

describe('a patch', () => {
  it('merges maps, and null takes away', () => {
    const { spec } = patched(`${head}spec:\n  env: { B: null, C: "3" }\n  network: { egress: [] }\n  killSignal: ~\n`);
    expect(spec.env).toEqual({ A: '1', C: '3' });
    expect(spec.network).toEqual({ egress: [] });
    expect(spec.image).toBe('x:1');
  });

  it('merges lists whose elements have names, and replaces others', () => {
    const { spec } = patched(
      `${head}spec:\n  processes:\n  - { name: job, command: [other] }\n  - { name: cron, command: [tick] }\n`,
    );
    expect(spec.processes).toEqual([
      { name: 'web', command: ['serve'] },
      { name: 'job', command: ['other'] },
      { name: 'cron', command: ['tick'] },
    ]);
  });

  it('may write labels, and be one of several in JSON or YAML', () => {
    const json = '{"kind": "App", "metadata": {"name": "hello", "labels": {"team": "a"}}}';
    const app = patched(json, `---\n${head}spec: { killTimeout: 9s }\n---\n${head}spec: { killTimeout: 10s }\n`);
    expect(app.metadata).toEqual({ name: 'hello', labels: { team: 'a' } });
    expect(app.spec.killTimeout).toBe('10s');
  });

  it('changes the App that it names, and leaves the App it is made from as it was', () => {
    const [one, other] = [appOf(), appOf(file.replace('hello', 'other'))];
    const before = structuredClone(one);
    const { apps } = patchApps([one, other], [{ file: 'p.yaml', text: `${head}spec: { image: y:2 }` }]);
    expect(apps.map(({ spec }) => spec.image)).toEqual(['y:2', 'x:1']);
    expect(one).toEqual(before);
  });

  it('may not change what every object has', () => {
    patched(`${head}spec: { env: { __proto__: x, constructor: y } }`);
    expect(said(`${head}__proto__: { x: 1 }\n`)).toEqual([
      '0.yaml:3:1 error AF026: __proto__ is not a field of an App',
    ]);
    expect({}).not.toHaveProperty('x');
  });

  it.each([
    ['spec: {}', '0.yaml:1:1 error AF026: a patch needs kind and metadata.name, which say what it is for'],
    [
      'kind: App\nmetadata: { name: helo }',
      '0.yaml:1:1 error AF026: there is no App/helo to patch; there is: App/hello',
    ],
    [
      'kind: [',
      '0.yaml:1:8 error AF025: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [`${head}spec:\n  imago: x`, '0.yaml:4:3 error AF026: spec.imago is not a field of an App'],
    [`${head}status: { machines: 1 }`, '0.yaml:3:1 error AF026: status is not a field of an App'],
    [
      `${head}spec:\n  processes:\n  - name: job\n    count: many`,
      expect.stringMatching(/^0.yaml:6:5 error AF010: spec.processes\[1]\.count of the App: /),
    ],
    [
      `${head}spec:\n  processes: [{ name: { toString: x } }]`,
      expect.stringMatching(/^0.yaml:4:17 error AF010: spec.processes\[2]\.name of the App: /),
    ],
    [`${head}spec: { image: ~ }`, expect.stringMatching(/^0.yaml:3:1 error AF010: spec.image of the App: /)],
  ])('%j is refused at its place', (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });

  it('says of new fields alone what else is to be said', () => {
    const review = ({ swap, killTimeout }: { swap?: unknown; killTimeout?: unknown }) =>
      Object.entries({ 'spec.swap': swap, 'spec.killTimeout': killTimeout, 'spec.image': true })
        .filter(([, value]) => value !== undefined)
        .map(([field]) => ({ field, message: 'is noted' }));
    const { problems } = patchApps([appOf()], [{ file: 'p.yaml', text: `${head}spec:\n  swap: 1Gi\n` }], review);
    expect(problems.map((problem) => problemLine('fly.toml', problem))).toEqual([
      'p.yaml:4:3 note AF023: spec.swap is noted',
    ]);
  });
});

it('what a patch writes comes from it, and what it takes away from nowhere', () => {
  const text =
    'app = "hello"\nkill_timeout = 9\n[build]\nimage = "x:1"\n[env]\nA = "1"\n[experimental]\ncmd = ["a", "b"]\n';
  const { app, sources } = convert(text);
  const patch =
    'kind: App\nmetadata: { name: hello }\nspec:\n  killTimeout: null\n  processes:\n    - name: app\n      command: [c]\n';
  const { apps, sources: written } = patchApps([app!], [{ file: 'patch.yaml', text: patch }]);
  const before = sources.map((source) => ({ ...source, app: 'hello' }));
  const after = patchedSources(before, written, apps);
  expect(after.map(({ file, line, fields }) => [file, line, ...fields.map(pathText)])).toEqual([
    [undefined, 1, 'metadata.name'],
    [undefined, 4, 'spec.image'],
    [undefined, 6, 'spec.env.A'],
    ['patch.yaml', 6, 'spec.processes[0].name'],
    ['patch.yaml', 7, 'spec.processes[0].command'],
  ]);
});
