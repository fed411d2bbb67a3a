import { parseArgs } from 'node:util';
import { connect } from '../../../src/kube/client.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { namespaces, networkPolicies, pods } from '../../../src/kube/resources.ts';
import { run } from '../exec.ts';
import { podRules } from './rules.ts';
import { ruleset } from './ruleset.ts';
import type { Namespace, NetworkPolicy, Pod } from './types.ts';

// Runs inside a node's namespaces and keeps its forward rules equal to what the cluster's NetworkPolicies say.
const { values } = parseArgs({ options: { kubeconfig: { type: 'string' }, node: { type: 'string' } } });
const client = await connect({ kubeConfigPath: values.kubeconfig });
const informers = {
  pods: new Informer<Pod>({ client, resource: pods }),
  namespaces: new Informer<Namespace>({ client, resource: namespaces }),
  policies: new Informer<NetworkPolicy>({ client, resource: networkPolicies }),
};

let applied = '';
let stale = true;
let applying = false;

/**
 * Applies until nothing changed meanwhile; changes that come during one application share the next. Rules that cannot
 * be applied are a defect and end the process: better no agent, which `status` shows, than wrong rules.
 */
async function apply(): Promise<void> {
  stale = true;
  if (applying) return;
  applying = true;
  while (stale) {
    stale = false;
    const world = {
      node: values.node ?? '',
      pods: informers.pods.store.list(),
      namespaces: informers.namespaces.store.list(),
      policies: informers.policies.store.list(),
    };
    const wanted = ruleset(podRules(world));
    if (wanted === applied) continue;
    await run('nft', ['-f', '-'], { input: wanted });
    applied = wanted;
    console.log(`${new Date().toISOString()} ${world.policies.length} policies applied to ${world.node}`);
  }
  applying = false;
}

const all = Object.values(informers);
for (const informer of all) informer.start();
await Promise.all(all.map((informer) => informer.synced));
for (const informer of all) informer.onChange(() => void apply());
await apply();
