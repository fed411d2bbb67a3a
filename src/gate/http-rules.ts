import type { Route } from '../api/route.ts';
import { literal, word } from './words.ts';

/** What is done to an answer. What the App sets itself wins over what the gate would say. */
export function responseRules({ http }: Route): string[] {
  const own = new Set(Object.keys(http.responseHeaders).map((name) => name.toLowerCase()));
  const added: [name: string, rule: string][] = [
    ['server', 'set-header Server airfield'],
    ['via', 'add-header Via "%[res.ver] airfield"'],
    ['fly-request-id', 'set-header Fly-Request-Id %ID'],
  ];
  return [
    ...Object.entries(http.responseHeaders).flatMap(([name, values]) => header(name, values)),
    ...added.filter(([name]) => !http.pristine && !own.has(name)).map(([, rule]) => `http-after-response ${rule}`),
  ];
}

function header(name: string, values: readonly string[]): string[] {
  const field = word(name);
  const [first, ...more] = values.map(literal);
  if (first === undefined) return [`http-response del-header ${field}`];
  return [
    `http-response set-header ${field} ${first}`,
    ...more.map((value) => `http-response add-header ${field} ${value}`),
  ];
}

/** Fly compresses text; what is compressed already only gets longer. */
export const compression = [
  'compression algo gzip',
  'compression type text/html text/plain text/css text/javascript text/xml application/javascript application/json application/xml application/wasm image/svg+xml',
];
