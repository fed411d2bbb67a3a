/**
 * The floor of an operator that starts, and of one that has nothing to do, as a process of its own: lists what the operator
 * lists, keeps it, and watches from there. Says how long the lists took in milliseconds, and stays until it is ended.
 */
import { connect } from '../../../src/kube/client.ts';
import { pathOf } from '../../../src/kube/resources.ts';
import { BareClient } from './bare-client.ts';
import { watched } from './template.ts';

interface Page {
  readonly items: readonly unknown[];
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
}

const kubeconfig = process.env.KUBECONFIG ?? '';
const kinds = watched(await connect({ kubeConfigPath: kubeconfig }));
const client = await BareClient.connect(kubeconfig, 2 * kinds.length);
const began = performance.now();
const kept = await Promise.all(kinds.map(listAll));
console.log(performance.now() - began);
await Promise.all(kept.map(watchFrom));

type Kind = (typeof kinds)[number];

function listPath({ resource, selection }: Kind, query: Record<string, string>): string {
  const { labelSelector } = selection;
  return `${pathOf(resource)}?${new URLSearchParams({ ...query, ...(labelSelector && { labelSelector }) })}`;
}

async function listAll(kind: Kind) {
  const items: unknown[] = [];
  for (let next = ''; ; ) {
    const query = { limit: '500', ...(next && { continue: next }) };
    const { items: page, metadata }: Page = await client.json('GET', listPath(kind, query));
    items.push(...page);
    if (!metadata.continue) return { kind, items, version: metadata.resourceVersion };
    next = metadata.continue;
  }
}

async function watchFrom({ kind, version }: Awaited<ReturnType<typeof listAll>>): Promise<void> {
  const query = { watch: 'true', resourceVersion: version, allowWatchBookmarks: 'true', timeoutSeconds: '3600' };
  for await (const _ of await client.open('GET', listPath(kind, query)));
}
