/** An object of the cluster, as far as its age goes. */
export interface Dated {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    /** RFC 3339. */
    readonly creationTimestamp?: string;
  };
}

const ageAndName = ({ metadata }: Dated) =>
  `${metadata.creationTimestamp ?? ''} ${metadata.namespace}/${metadata.name}`;

/** For sorting: older ones first, and those of one second by name. */
export const byAge = (a: Dated, b: Dated) => (ageAndName(a) < ageAndName(b) ? -1 : 1);
