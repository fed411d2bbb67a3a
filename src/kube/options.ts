export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Only `metadata` of each object, as PartialObjectMetadata: the API server leaves the rest out. Default: whole objects. */
  readonly metadataOnly?: boolean | undefined;
}

export interface ListOptions extends Selection {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface List<T> {
  readonly items: T[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

export interface WatchOptions extends Selection {
  readonly resourceVersion?: string | undefined;
  /** After which the server ends the watch. */
  readonly timeoutSeconds?: number | undefined;
  readonly allowBookmarks?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Silence after which the watch fails, in milliseconds. Default: 300,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Called when the watch has been opened, and with every piece that comes. */
  readonly onBytes?: (() => void) | undefined;
}

export interface WriteOptions {
  readonly fieldManager?: string | undefined;
  /** `status`, `scale`, … */
  readonly subresource?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take over fields that another manager owns, instead of a Conflict. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  /** Conflict where the object is another one by now. */
  readonly uid?: string | undefined;
  /** Conflict where the object has changed since. */
  readonly resourceVersion?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a write needs to know of an object: where it goes. */
export interface Addressed {
  readonly metadata: { readonly name?: string; readonly namespace?: string | undefined };
}

export interface Version {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}
