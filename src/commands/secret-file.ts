import { type Document, isMap, isNode, isScalar, parseAllDocuments, type YAMLMap } from 'yaml';
import { group } from '../api/meta.ts';
import { type Boxes, boxNode } from './secret-manifest.ts';

/** A Secret in a text of YAML documents. */
export interface SecretFile {
  readonly name: string;
  /** Absent where the file leaves it to kubectl. */
  readonly namespace: string | undefined;
  /** The text with these values in the Secret; all else stays, comments too. Throws an Error with one line. */
  withBoxes(boxes: Boxes, namespace: string): string;
}

/** The Secret of that name, or the only one. Throws an Error with one line that has nothing of the text in it. */
export function secretFile(text: string, name?: string): SecretFile {
  // kubectl reads YAML 1.1.
  const documents: Document[] = [...parseAllDocuments(text, { version: '1.1' })];
  const [error] = documents.flatMap(({ errors }) => errors);
  // Messages of the parser quote the text, which may hold values.
  if (error) throw new Error(`it is not YAML, in line ${error.linePos?.[0].line ?? '?'} (${error.code})`);
  const secrets = documents.filter(isSecret);
  const found = secrets.filter((document) => name === undefined || nameOf(document) === name);
  if (found.length !== 1) throw new Error(notOne(secrets.map(nameOf), name));
  const document = found[0]!;
  if (isMap(document.contents) && document.contents.flow) {
    throw new Error('it is in the form of JSON: write it as YAML, or paste the box that `--output box` prints');
  }
  return {
    name: nameOf(document),
    namespace: textAt(document, 'metadata', 'namespace'),
    withBoxes: (boxes, namespace) => {
      const ranges = documents.map(({ range }) => range?.[0] ?? 0);
      const index = documents.indexOf(document);
      // A comment before the first document is no part of its range.
      const [start, end] = [index === 0 ? 0 : ranges[index]!, ranges[index + 1] ?? text.length];
      return text.slice(0, start) + rendered(document, boxes, namespace, text) + text.slice(end);
    },
  };
}

function rendered(document: Document, boxes: Boxes, namespace: string, text: string): string {
  if (textAt(document, 'metadata', 'namespace') === undefined) document.setIn(['metadata', 'namespace'], namespace);
  mapAt(document, 'spec');
  const data = mapAt(document, 'spec', 'data');
  for (const [key, box] of boxes) {
    const value = document.createNode({ sealed: boxNode(box) });
    const before = data.get(key, true);
    value.commentBefore = (isNode(before) && (before.commentBefore ?? before.comment)) || null;
    data.set(key, value);
  }
  const yaml = document.toString(styleOf(text));
  return text.includes('\r\n') ? yaml.replaceAll('\n', '\r\n') : yaml;
}

/** As the file is written already, as far as the library knows ways to write. */
function styleOf(text: string) {
  return {
    lineWidth: 0,
    indent: /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2,
    indentSeq: !/^( *)[^\s#][^\n]*:[ \t\r]*\n\1- /m.test(text),
    flowCollectionPadding: !/[{[][^\s}\]]/.test(text),
  };
}

/** The map there, made where there is none, in the form of a block, in which a box can be one. */
function mapAt(document: Document, ...path: string[]): YAMLMap {
  const found = document.getIn(path, true);
  const isNothing = found === undefined || (isScalar(found) && found.value === null);
  if (isNothing) document.setIn(path, document.createNode({}));
  const node = document.getIn(path, true);
  if (!isMap(node)) throw new Error(`${path.join('.')} is no map: write names of variables below it`);
  node.flow = false;
  return node;
}

function isSecret(document: Document): boolean {
  const version = textAt(document, 'apiVersion');
  return textAt(document, 'kind') === 'Secret' && version?.startsWith(`${group}/`) === true;
}

function textAt(document: Document, ...path: string[]): string | undefined {
  const value = isMap(document.contents) ? document.getIn(path) : undefined;
  return typeof value === 'string' ? value : undefined;
}

const nameOf = (document: Document) => textAt(document, 'metadata', 'name') ?? '';

function notOne(names: readonly string[], name: string | undefined): string {
  if (names.length === 0) return `it has no Secret of ${group}: name another file`;
  if (name === undefined) return `it has several Secrets (${names.join(', ')}): choose one with --name`;
  return `it has no Secret ${name} of ${group}, but ${names.join(', ')}: leave --name out, or name another file`;
}
