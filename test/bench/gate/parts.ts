/** What the benchmark of gates is made of, in this order. */
export const parts: readonly string[] = ['cold', 'together', 'warm', 'limits', 'suspend'];
