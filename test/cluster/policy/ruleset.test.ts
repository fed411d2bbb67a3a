import { describe, expect, it } from 'vitest';
import { ruleset } from './ruleset.ts';

describe('a ruleset for nftables', () => {
  it('replaces the table in one transaction, and lets everything through where no pod is selected', () => {
    expect(ruleset([])).toBe(`table inet airfield-policy {}
delete table inet airfield-policy
table inet airfield-policy {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
  }
}
`);
  });

  it('drops what a selected pod does not allow, in each direction that is closed', () => {
    const text = ruleset([
      {
        ip: '10.0.0.1',
        ingress: [
          { peer: { pods: ['10.0.0.2', '10.0.0.3'] }, ports: [{ protocol: 'tcp', range: [80, 90] }] },
          { peer: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] }, ports: 'any' },
          { peer: { pods: [] }, ports: 'any' },
        ],
        egress: [{ peer: 'any', ports: [{ protocol: 'udp', range: [53, 53] }, { protocol: 'sctp' }] }],
      },
    ]);
    expect(text).toContain(`  chain egress-10.0.0.1 {
    udp dport 53 return
    meta l4proto sctp return
    drop
  }
  chain ingress-10.0.0.1 {
    ip saddr { 10.0.0.2, 10.0.0.3 } tcp dport 80-90 return
    ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 ip saddr != 10.2.0.0/16 return
    drop
  }
`);
    expect(text).toContain(
      '    ip saddr vmap { 10.0.0.1 : jump egress-10.0.0.1 }\n    ip daddr vmap { 10.0.0.1 : jump ingress-10.0.0.1 }\n',
    );
  });
});
