import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf } from './markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (page: string) => readFileSync(join(root, page), 'utf8');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'test', 'charts'].flatMap(pagesUnder),
];

describe('links of the pages', () => {
  it.each(pages)('of %s lead to a file, and to a heading of it', (page) => {
    const broken = linksOf(read(page)).filter((link) => !/^[a-z]+:/.test(link) && whatIsWrong(page, link));
    expect(broken).toEqual([]);
  });

  it('lead from the README to every page of docs/, but for decisions', () => {
    const reached = new Set<string>();
    follow('README.md', reached);
    expect(pages.filter((page) => page.startsWith('docs/') && !isDecision(page) && !reached.has(page))).toEqual([]);
  });
});

describe('what makes a link', () => {
  it('is not what stands in code', () => {
    expect(linksOf('a [b](c.md) `[d](e.md)`\n```\n[f](g.md)\n```\n[h]: i.md\n')).toEqual(['c.md', 'i.md']);
  });

  it('are headings as GitHub names them', () => {
    const text = '# Two words\n## `spec.ports[]` and *more*\n```\n# no\n```\n## [A link](b.md), 2\n## Two words\n';
    expect(anchorsOf(text)).toEqual(['two-words', 'specports-and-more', 'a-link-2', 'two-words-1']);
  });
});

function whatIsWrong(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(target)) return true;
  const hasAnchors = anchor !== undefined && target.endsWith('.md');
  return hasAnchors && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
}

function follow(page: string, reached: Set<string>): void {
  if (reached.has(page)) return;
  reached.add(page);
  for (const link of linksOf(read(page))) {
    const [path = ''] = link.split('#');
    const target = join(dirname(page), path);
    if (path.endsWith('.md') && !/^[a-z]+:/.test(link) && existsSync(join(root, target))) follow(target, reached);
  }
}

const isDecision = (page: string) => page.startsWith('docs/decisions/');

function pagesUnder(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const files = names
    .map((name) => join(root, folder, name))
    .filter((path) => path.endsWith('.md') && statSync(path).isFile());
  return files.map((path) => relative(root, path)).sort();
}
