/** The label by which a node says which region it is in. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const nodeRegionLabel = 'topology.kubernetes.io/region';

/** What the operator was told about regions. */
export interface Regions {
  /** `prefer`: machines go to nodes of their region where there is room, else elsewhere. `require`: nowhere else. */
  readonly mode: 'prefer' | 'require';
  /** Values of the node label that a region stands for. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Values of the node label by which the nodes of a region are found: its own name where nothing else was said. */
export function nodeLabelsOf(region: string, { labels }: Pick<Regions, 'labels'>): readonly string[] {
  return (Object.hasOwn(labels, region) && labels[region]) || [region];
}

/** Names of the regions that nodes with this value of the label are in: the other direction of {@link nodeLabelsOf}. */
export function regionsOf(value: string, { labels }: Pick<Regions, 'labels'>): readonly string[] {
  const named = Object.keys(labels).filter((region) => labels[region]?.includes(value));
  return named.length > 0 ? named : [value];
}
