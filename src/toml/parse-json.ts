import { Locator, type Position } from './locate.ts';
import type { TomlDocument } from './parse.ts';
import { parseYaml } from './parse-yaml.ts';
import { jsonMistake } from './scan-json.ts';

export class JsonSyntaxError extends Error {
  readonly position: Position;
  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

/**
 * Reads JSON into the values that a TOML text would have.
 * @throws JsonSyntaxError, or YamlSyntaxError for what a fly.json cannot say, with a position, whatever the text is
 */
export function parseJson(source: string): TomlDocument {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const mistake = jsonMistake(text);
  if (mistake) throw new JsonSyntaxError(new Locator(text, []).at(mistake.offset), mistake.message);
  return parseYaml(source);
}
