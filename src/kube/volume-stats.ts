import * as z from 'zod';
import type { Client } from './client.ts';
import { nodes } from './resources.ts';
import { type Key, keyOf } from './types.ts';

/** Bytes of the file system of a volume. */
export interface VolumeStats {
  readonly used: number;
  readonly capacity: number;
}

/** What is needed of the kubelet's answer: k8s.io/kubelet/pkg/apis/stats/v1alpha1, Summary. */
const summarySchema = z.object({
  pods: z.array(
    z.object({
      volume: z
        .array(
          z.object({
            pvcRef: z.object({ name: z.string(), namespace: z.string() }).optional(),
            usedBytes: z.number().optional(),
            capacityBytes: z.number().optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/**
 * How full the volumes of a node are, by the key of their claim, as its kubelet last counted: it does once a minute
 * (`volumeStatsAggPeriod`). Asks through the API server, which takes the permission to get `nodes/proxy`.
 */
export async function volumeStats(
  client: Pick<Client, 'get'>,
  node: string,
  signal: AbortSignal,
): Promise<Map<Key, VolumeStats>> {
  const answer = await client.get(nodes, { name: node }, { subresource: 'proxy/stats/summary', signal });
  const volumes = summarySchema.parse(answer).pods.flatMap(({ volume }) => volume ?? []);
  return new Map(
    volumes.flatMap(({ pvcRef, usedBytes: used, capacityBytes: capacity }) =>
      pvcRef && used !== undefined && capacity !== undefined ? [[keyOf(pvcRef), { used, capacity }]] : [],
    ),
  );
}
