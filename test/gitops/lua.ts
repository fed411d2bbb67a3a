import { run, succeeds } from '../cluster/exec.ts';

/** Argo CD's interpreter speaks the same version: https://github.com/yuin/gopher-lua */
const program = 'lua5.1';

/** Fails, never skips, where there is no Lua to test with and none can be installed. */
export async function ensureLua(): Promise<void> {
  const isInstalled = () => succeeds(program, ['-v']);
  if (await isInstalled()) return;
  if (process.getuid?.() === 0 && (await succeeds('sh', ['-c', 'command -v apt-get']))) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env });
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', program], { env });
  }
  if (!(await isInstalled())) throw new Error(`these tests need Lua 5.1: apt-get install ${program}`);
}

/** A value of JSON as Lua writes it. */
export function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(', ')}}`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `[${luaLiteral(key)}] = ${luaLiteral(one)}`)
      .join(', ')}}`;
  if (typeof value !== 'string') return String(value);
  // Byte by byte, for Lua 5.1 has no escapes for characters.
  return `"${[...Buffer.from(value)].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}

/**
 * What a health script says of objects, as `[status, message]`. As in Argo CD it sees `obj`, and of Lua's libraries only what
 * does no input or output: no `string`, `io` or `os`.
 */
export async function healthBy(script: string, objects: readonly object[]): Promise<[string, string][]> {
  const program_ = `
    local print, pairs, error = print, pairs, error
    local safe = { ipairs = ipairs, pairs = pairs, tostring = tostring, type = type, table = table }
    local script = assert(loadstring(${luaLiteral(script)}))
    getmetatable("").__index = nil
    for _, obj in ipairs(${luaLiteral(objects)}) do
      safe.obj = obj
      setfenv(script, safe)
      local health = script()
      print(health.status .. "\\t" .. (health.message or ""))
    end`;
  const lines = (await run(program, ['-'], { input: program_ })).trimEnd().split('\n');
  return lines.map((line) => line.split('\t') as [string, string]);
}
