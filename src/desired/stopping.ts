import { wholeSeconds } from '../api/duration.ts';
import type { Container } from '../api/kubernetes.ts';
import type { ReleaseSpec } from '../api/release.ts';

/** Seconds that a machine has to stop. SIGKILL asks for nothing, so there is nothing to wait for. */
export function gracePeriodSeconds(spec: Pick<ReleaseSpec, 'killSignal' | 'killTimeout'>): number {
  return spec.killSignal === 'SIGKILL' ? 0 : wholeSeconds(spec.killTimeout);
}

/**
 * Sends `killSignal` to the program. Kubernetes sends the image's stop signal, SIGTERM as a rule; another one needs the
 * feature gate ContainerStopSignals, which is off up to 1.35. So a hook sends it and stays until the program has ended,
 * for SIGTERM comes as soon as the hook is over. It needs a shell in the image; without one the program gets SIGTERM.
 */
export function stopHook({ killSignal }: Pick<ReleaseSpec, 'killSignal'>): Pick<Container, 'lifecycle'> {
  if (killSignal === 'SIGTERM' || killSignal === 'SIGKILL') return {};
  const script = `kill -s ${killSignal.slice(3)} 1; while kill -0 1 2>/dev/null; do sleep 0.1; done`;
  return { lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', script] } } } };
}
