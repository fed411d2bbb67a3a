import type { Metrics } from '../api/storage.ts';

/**
 * The annotations by which most Prometheus configurations find pods. They can say one port; where the cluster has the
 * Prometheus operator, `pod-monitor.ts` says them all.
 */
export function scrapeAnnotations([first]: readonly Metrics[]): Record<string, string> {
  if (!first) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': `${first.port}`,
    'prometheus.io/path': first.path,
    'prometheus.io/scheme': schemeOf(first),
  };
}

export function schemeOf({ https }: Pick<Metrics, 'https'>): 'http' | 'https' {
  return https ? 'https' : 'http';
}
