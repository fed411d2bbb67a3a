declare module 'vitest' {
  /** What the global setups tell the tests, for `inject('kubeconfig')`. */
  export interface ProvidedContext {
    /** Path of a kubeconfig of the administrator. Each test file uses namespaces of its own. */
    kubeconfig: string;
    /** Kubernetes' audit log, one JSON object per request; empty where there is none. */
    auditLog: string;
    /** Name of the cluster of the project `cluster`, for `restartApiServer`. */
    cluster: string;
    /** Which provider it came from. */
    provider: 'kubeconfig' | 'kind' | 'embedded';
    /** Whether other test files use the cluster at the same time, as in the project `cluster`. */
    shared?: boolean;
  }
}

export {};
