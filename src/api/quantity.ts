const factor: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Bytes in a quantity like `512Mi`; it must have passed the schema. */
export function parseBytes(quantity: string): number {
  const [, amount = '0', suffix = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Math.ceil(Number(amount) * (factor[suffix] ?? 1));
}

/**
 * The spelling that the API server stores (`1024Mi` is read back as `1Gi`), so that a child that was applied compares
 * equal when it is read. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function formatBytes(bytes: number): string {
  const binary = largestDivisor(bytes, ['Pi', 'Ti', 'Gi', 'Mi', 'Ki']);
  return binary ?? largestDivisor(bytes, ['P', 'T', 'G', 'M', 'k', '']) ?? '0';
}

function largestDivisor(bytes: number, suffixes: string[]): string | undefined {
  for (const suffix of suffixes) {
    const unit = factor[suffix] ?? 1;
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${suffix}`;
  }
  return undefined;
}

/** CPUs in Kubernetes's spelling: whole CPUs plain, anything else in thousandths, rounded up as the API server does. */
export function formatCpus(cpus: number): string {
  const thousandths = Math.ceil(cpus * 1000);
  return thousandths % 1000 === 0 ? `${thousandths / 1000}` : `${thousandths}m`;
}
