import type { Metrics } from '../metrics.ts';
import type { Queue, QueueObserver } from './queue.ts';

/** Counts what happens in a queue, under the names that client-go has for it. */
export function observeQueue(metrics: Metrics, name: string, queue: () => Queue): QueueObserver {
  const { queueDepth, queueAdds, queueRetries, queueSeconds, workSeconds, unfinishedSeconds, longestSeconds } = metrics;
  queueDepth.set({ name }, 0);
  queueAdds.inc({ name }, 0);
  queueRetries.inc({ name }, 0);
  metrics.beforeScrape(() => {
    const unfinished = queue().unfinished;
    unfinishedSeconds.set(
      { name },
      unfinished.reduce((sum, seconds) => sum + seconds, 0),
    );
    longestSeconds.set({ name }, Math.max(0, ...unfinished));
  });
  return {
    added(depth) {
      queueDepth.set({ name }, depth);
      queueAdds.inc({ name });
    },
    retried: () => queueRetries.inc({ name }),
    taken(depth, waited) {
      queueDepth.set({ name }, depth);
      queueSeconds.observe({ name }, waited);
    },
    done: (worked) => workSeconds.observe({ name }, worked),
  };
}
