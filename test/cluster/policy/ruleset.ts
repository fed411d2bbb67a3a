import type { Allow, PodRules, Ports } from './rules.ts';

const table = 'inet airfield-policy';

/**
 * The rules as one nftables transaction that replaces whatever was there. Only the forward hook is used: what the node
 * itself says to its pods (probes of the kubelet) never passes it. Connections that were let through stay.
 */
export function ruleset(rules: readonly PodRules[]): string {
  const chains = rules.flatMap(({ ip, ingress, egress }) => [
    ...(egress ? chain(`egress-${ip}`, egress, 'daddr') : []),
    ...(ingress ? chain(`ingress-${ip}`, ingress, 'saddr') : []),
  ]);
  const jumps = (direction: 'egress' | 'ingress', field: string) => {
    const targets = rules.filter((pod) => pod[direction]).map(({ ip }) => `${ip} : jump ${direction}-${ip}`);
    return targets.length > 0 ? [`    ip ${field} vmap { ${targets.join(', ')} }`] : [];
  };
  return [
    `table ${table} {}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...chains,
    '  chain forward {',
    '    type filter hook forward priority filter; policy accept;',
    '    ct state established,related accept',
    ...jumps('egress', 'saddr'),
    ...jumps('ingress', 'daddr'),
    '  }',
    '}',
    '',
  ].join('\n');
}

/** What is allowed goes back to the caller, where the other direction may still have a say; the rest is dropped. */
const chain = (name: string, allowed: readonly Allow[], field: 'saddr' | 'daddr'): string[] => [
  `  chain ${name} {`,
  ...allowed.flatMap((allow) => lines(allow, field)).map((line) => `    ${line}return`),
  '    drop',
  '  }',
];

function lines({ peer, ports }: Allow, field: string): string[] {
  const from = addresses(peer, field);
  if (from === undefined) return [];
  return ports === 'any' ? [from] : ports.map((port) => `${from}${portMatch(port)} `);
}

/** The match, ending in a space; undefined where nobody can match. */
function addresses(peer: Allow['peer'], field: string): string | undefined {
  if (peer === 'any') return '';
  if ('pods' in peer) return peer.pods.length > 0 ? `ip ${field} { ${peer.pods.join(', ')} } ` : undefined;
  // Each exception on its own: nftables refuses a set whose ranges overlap.
  const except = peer.except.map((cidr) => `ip ${field} != ${cidr} `).join('');
  return `ip ${field} ${peer.cidr} ${except}`;
}

function portMatch({ protocol, range }: Ports): string {
  if (!range) return `meta l4proto ${protocol}`;
  const [from, to] = range;
  return `${protocol} dport ${from === to ? from : `${from}-${to}`}`;
}
