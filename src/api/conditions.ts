import * as z from 'zod';

/** As `meta/v1` Condition. Times are RFC 3339 in whole seconds, as Kubernetes writes them. */
export const conditionSchema = z.object({
  type: z.string().max(316).describe('Type of the condition.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.int().min(0).optional().describe('Generation of the spec that it speaks of.'),
  lastTransitionTime: z.string().max(64).meta({ format: 'date-time' }).describe('When `status` last changed.'),
  reason: z.string().max(1024).describe('One word for programs.'),
  message: z.string().max(32_768).describe('A sentence for people.'),
});

export type Condition = z.infer<typeof conditionSchema>;
export type ConditionClaim = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/**
 * The conditions of `claims`, each with the time of its last real change: a claim with the status that it already had
 * keeps its time. What is not claimed is gone, so conditions that are only there when true end by not being claimed.
 */
export function transition(
  previous: readonly Condition[],
  claims: readonly ConditionClaim[],
  { generation, now }: { generation: number; now: Date },
): Condition[] {
  return claims.map((claim) => {
    const before = previous.find(({ type }) => type === claim.type);
    const lastTransitionTime =
      before?.status === claim.status ? before.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`;
    return { ...claim, observedGeneration: generation, lastTransitionTime };
  });
}
