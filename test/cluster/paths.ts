import { homedir } from 'node:os';
import { join } from 'node:path';

/** Everything the cluster tool keeps: binaries, images, and one folder for each cluster. `AIRFIELD_CACHE` moves it. */
export const cacheRoot = process.env.AIRFIELD_CACHE ?? join(homedir(), '.cache', 'airfield');

/** State, logs, data and kubeconfig of one cluster. */
export const clusterDir = (name: string): string => join(cacheRoot, 'clusters', name);

export const kubeconfigPath = (name: string): string => join(clusterDir(name), 'kubeconfig');
