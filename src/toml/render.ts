import { Document, isMap, isScalar, type ScalarTag, visit } from 'yaml';
import { stringifyString } from 'yaml/util';
import type { Manifest } from './manifest.ts';

/** Words that YAML 1.1, which kubectl reads, takes for something else than a string. */
const reserved = /^(y|yes|n|no|on|off|true|false|null|nan|inf)$/i;
/** Strings that no reader of YAML, old or new, takes for anything else. All others are quoted. */
const plain = /^(-{0,2}[A-Za-z/][\w./%@-]*(:[\w./%@-]+)*|(\d+(\.\d+)?(ms|us|ns|[smh]|[KMGTP]i|%))+)$/;
/** Lines that a literal block keeps as they are. */
const lines = /^[!-~][ -~]*\n([ -~]*\n)*([!-~][ -~]*)?$/;

/** A resource as YAML that `kubectl apply` reads back unchanged: no anchors, no folded lines, nothing left to guess. */
export function renderYaml(manifest: Manifest): string {
  const document = new Document(manifest, {
    aliasDuplicateObjects: false,
    customTags: (tags) => [text, ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== text.tag)],
  });
  // Values of env may be anything; all quoted, they are strings at a glance.
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'env' || !isMap(value)) return;
      for (const { value: variable } of value.items) if (isScalar(variable)) variable.type = 'QUOTE_DOUBLE';
    },
    Seq(_, list) {
      list.flow = list.items.every((item) => isScalar(item) && !`${item.value}`.includes('\n'));
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const text: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (value) => value,
  stringify(item, context, onComment, onChompKeep) {
    const value = String(item.value);
    if (item.type === 'QUOTE_DOUBLE') return quoted(value);
    // In a list on one line some readers take a colon for that of a key.
    if (plain.test(value) && !reserved.test(value) && !(context.inFlow && value.includes(':'))) return value;
    if (context.implicitKey || !lines.test(value)) return quoted(value);
    return stringifyString({ ...item, value, type: 'BLOCK_LITERAL' }, context, onComment, onChompKeep);
  },
};

/** JSON's string is YAML's, but for characters that YAML takes for ends of lines or does not print. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}
