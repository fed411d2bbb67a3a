/** The parser class itself, which `@iarna/toml` has but does not declare: its reading of keys is mended in parse.ts. */
declare module '@iarna/toml/lib/toml-parser.js' {
  class TomlParser {
    /** The character that is read now. */
    readonly char: number;
    parse(text: string): void;
    finish(): object;
    runOne(): unknown;
    recordAssignKeyword(key: string): unknown;
    parseTableMore(key: string): unknown;
    parseListMore(key: string): unknown;
    parseOnlyTimeFractionMaybe(): unknown;
  }
  export default TomlParser;
}
