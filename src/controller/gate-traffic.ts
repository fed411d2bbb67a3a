import type { AppObserved } from '../desired/app.ts';
import { takesTraffic } from '../desired/gate-pods.ts';
import { gateSliceName } from '../desired/gate-slice.ts';
import { gatedPortNames } from '../desired/gate-targets.ts';
import type { Settings } from '../desired/settings.ts';
import type { Key, KubeObject } from '../kube/types.ts';
import type { ReleasePlan } from '../release/plan.ts';
import type { Caches } from './caches.ts';
import { GatePortTable } from './gate-ports.ts';

type Slice = { readonly endpoints?: readonly { readonly targetRef?: { readonly name?: string } }[] };

/** What an App has of the gates at the moment; nothing where there are none. */
export class GateTraffic {
  readonly #gates: Caches['gates'];
  readonly #ports: GatePortTable | undefined;

  constructor({ gates, services }: Pick<Caches, 'gates' | 'services'>, settings: Pick<Settings, 'gates'>) {
    this.#gates = gates;
    this.#ports = settings.gates && new GatePortTable(services.store, settings.gates.ports);
  }

  /** Throws TerminalError where no port of the gates is left. */
  of(
    key: Key,
    { services }: Pick<ReleasePlan, 'services'>,
    owned: readonly KubeObject[],
    now: Date,
  ): Pick<AppObserved, 'gates' | 'gatePorts' | 'owner'> {
    const [, app = ''] = key.split('/');
    const slice = owned.find(({ kind, metadata }) => kind === 'EndpointSlice' && metadata.name === gateSliceName(app));
    const { endpoints = [] } = (slice ?? {}) as Slice;
    return {
      gates: (this.#gates?.store.list() ?? []).filter((gate) => takesTraffic(gate, now)),
      gatePorts: this.#ports?.portsFor(key, gatedPortNames(services)) ?? new Map(),
      owner: endpoints.length === 1 ? endpoints[0]?.targetRef?.name : undefined,
    };
  }

  forget(key: Key): void {
    this.#ports?.forget(key);
  }
}
