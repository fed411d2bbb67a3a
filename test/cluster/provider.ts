import type { ImageArchive } from './image/build.ts';
import type { Progress } from './progress.ts';

export interface UpOptions {
  readonly nodes: number;
  readonly apiOnly: boolean;
  /** The storage class `airfield-csi`, with expansion and snapshots; only the embedded cluster can add it. Default: no. */
  readonly csi?: boolean;
}

export interface Status {
  readonly running: boolean;
  /** Lines for people: nodes, components, versions. */
  readonly lines: readonly string[];
}

/** One way to have a Kubernetes cluster. */
export interface Provider {
  readonly kind: 'kubeconfig' | 'kind' | 'embedded';
  /** Brings the cluster up, or leaves a healthy one alone. */
  up(options: UpOptions, progress: Progress): Promise<void>;
  /** Takes away everything that `up` made; fine when there is nothing. */
  down(progress: Progress): Promise<void>;
  status(): Promise<Status>;
  /** Path of the cluster's kubeconfig. */
  kubeconfig(): Promise<string>;
  /** Makes an image known to every node. Nothing happens where the nodes have that digest already. */
  loadImage(image: Pick<ImageArchive, 'path'> & Partial<ImageArchive>, progress: Progress): Promise<void>;
}
