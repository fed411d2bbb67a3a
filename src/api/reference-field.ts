import { bytes, dnsLabel, dnsSubdomain, duration } from './scalars.ts';
import { type JsonSchema, structuralSchema } from './structural.ts';

/** Strings that have a word, which the page explains once, in the place of a pattern. */
const words = new Map<unknown, string>([
  [structuralSchema(duration()).pattern, 'duration'],
  [structuralSchema(bytes()).pattern, 'size'],
  [structuralSchema(dnsLabel()).pattern, 'name'],
  [structuralSchema(dnsSubdomain()).pattern, 'name with dots'],
]);
/** How many characters they may have keeps the API server's work small, and nobody comes near it. */
const hasRoom = (word: string | undefined) => word === 'duration' || word === 'size';

/** What a field takes, in words: `list of string`, `` `a` or `b` ``; the objects in it are told elsewhere, at `link`. */
export function typeOf(node: JsonSchema, link: string): string {
  if (node['x-kubernetes-int-or-string']) return 'integer or string';
  if (Array.isArray(node.enum)) return node.enum.map(code).join(', ');
  if (node.items) return `list of ${typeOf(node.items, link)}`;
  if (typeof node.additionalProperties === 'object') return `map of ${typeOf(node.additionalProperties, link)}`;
  return node.properties ? `[object](#${link})` : (words.get(node.pattern ?? '') ?? node.type ?? 'any');
}

/** A description ends in its default, where there is one, as `kubectl explain` has no other place for it. */
export function splitDescription(node: JsonSchema): { readonly meaning: string; readonly byDefault: string } {
  const description = String(node.description ?? '');
  const [, meaning, byDefault] = /^(.*?)\s*\bDefault: (.+)\.$/s.exec(description) ?? [];
  const stored = typeof node.default === 'number' ? code(node.default) : '';
  return { meaning: meaning ?? description, byDefault: byDefault ?? stored };
}

/** What the schema refuses by itself, beside a wrong type. */
export function limitsOf(node: JsonSchema, isRequired: boolean): string {
  const { minimum, maximum, minItems, maxItems, maxProperties, maxLength, pattern, format } = node;
  const keys = node['x-kubernetes-list-map-keys'];
  const limits = [
    isRequired && 'required',
    range(minimum, maximum),
    range(minItems, maxItems, 'elements'),
    range(undefined, maxProperties, 'keys'),
    !hasRoom(words.get(pattern)) && range(undefined, maxLength, 'characters'),
    Array.isArray(keys) && `one for each ${keys.map(code).join(' and ')}`,
    node['x-kubernetes-list-type'] === 'set' && 'none twice',
    typeof pattern === 'string' && !words.has(pattern) && pattern.length <= 60 && `matches ${code(pattern)}`,
    format === 'date-time' && 'a time in RFC 3339',
  ];
  return limits.filter(Boolean).join('; ');
}

/** Messages of the rules of a field, each of which says what to write instead. */
export function rulesOf(node: JsonSchema): string[] {
  const rules = node['x-kubernetes-validations'] as readonly { readonly message: string }[] | undefined;
  return (rules ?? []).map(({ message }) => message);
}

function range(from: unknown, to: unknown, of = ''): string | false {
  if (typeof from !== 'number' && typeof to !== 'number') return false;
  const bounds =
    typeof from !== 'number' ? `at most ${to}` : typeof to !== 'number' ? `at least ${from}` : `${from} to ${to}`;
  return of ? `${bounds} ${of}` : bounds;
}

const code = (value: unknown) => `\`${value}\``;
