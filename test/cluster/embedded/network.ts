import { serviceRange } from '../control-plane.ts';
import { run } from '../exec.ts';
import { inside, type Machine } from './machine.ts';

/**
 * Joins the machines by one veth pair; a lone machine gets both ends, as its address must not be a loopback one.
 * Pods of the other node are routed to its address. There is no other route: nothing inside can reach the outside.
 */
export async function connect(machines: readonly Machine[]): Promise<void> {
  const [first, second = first] = machines as [Machine, Machine?];
  const peer = second === first ? 'peer0' : 'eth0';
  const link = ['link', 'add', 'eth0', 'netns', first.pid, 'type', 'veth', 'peer', 'name', peer, 'netns', second.pid];
  await run('ip', link.map(String));
  for (const machine of machines) await configure(machine, machines);
}

async function configure(machine: Machine, machines: readonly Machine[]): Promise<void> {
  const others = machines.filter((other) => other !== machine);
  const lines = [
    ...(others.length === 0 ? ['link set peer0 up'] : []),
    `address add ${machine.plan.ip}/24 dev eth0`,
    'link set eth0 up',
    // A Service address needs some route before kube-proxy's rules get to see the packet.
    `route add ${serviceRange} dev eth0`,
    ...others.map(({ plan }) => `route add ${plan.podRange} via ${plan.ip}`),
  ];
  const [command = '', ...args] = inside(machine, ['ip', '-batch', '-']);
  await run(command, args, { input: `${lines.join('\n')}\n` });
}

/** CNI: each pod on a link of its own, so that traffic between pods of one node is forwarded and policies see it. */
export const cniConfig = (machine: Machine) => ({
  cniVersion: '0.4.0',
  name: 'airfield',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: machine.plan.podRange }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: '/run/cni',
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});
