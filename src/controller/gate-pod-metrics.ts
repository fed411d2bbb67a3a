import type { ObservedPod } from '../api/kubernetes.ts';
import { isReady } from '../desired/ready.ts';
import type { Family } from '../exposition.ts';

/** Pods of gates by whether they are ready; nothing where there are to be none. Those that go do not count. */
export function gateMetrics(gates: readonly ObservedPod[] | undefined): Family[] {
  if (!gates) return [];
  const staying = gates.filter(({ metadata }) => !metadata.deletionTimestamp);
  const ready = staying.filter(isReady).length;
  return [
    {
      name: 'airfield_gates',
      help: 'Pods of gates by whether they are ready',
      type: 'gauge',
      samples: [
        [{ ready: 'true' }, ready],
        [{ ready: 'false' }, staying.length - ready],
      ],
    },
  ];
}
