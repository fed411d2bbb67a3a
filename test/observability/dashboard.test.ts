import { describe, expect, it } from 'vitest';
import { allPanels, dashboard, type Panel } from './promql-in-files.ts';

const board = dashboard();
const panels = allPanels(board);

describe('the dashboard', () => {
  it('has panels that each ask for something, and have names and numbers of their own', () => {
    const shown = panels.filter(({ type }) => type !== 'row');
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.filter(({ targets = [] }) => targets.length === 0).map(({ title }) => title)).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('has a room for each, in which no other one is', () => {
    const cells = (open: readonly Panel[]) =>
      open.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
      );
    const all = cells(panels);
    expect(new Set(all).size).toBe(all.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it('can be led to a namespace and an App, and each of its panels about Apps then follows', () => {
    expect(board.templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'app']);
    const aboutApps = panels.filter(({ targets = [] }) =>
      targets.some(({ expr }) => /airfield_(app|schedule|volume|certificate|releases|machine)/.test(expr)),
    );
    expect(aboutApps.length).toBeGreaterThan(10);
    const deaf = aboutApps.filter(({ targets = [] }) => targets.some(({ expr }) => !expr.includes('app=~"$app"')));
    expect(deaf.map(({ title }) => title)).toEqual([]);
  });
});
