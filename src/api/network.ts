import * as z from 'zod';
import { anyText, dnsLabel, dnsSubdomain, mapOf, port, rules } from './scalars.ts';

const peer = {
  app: dnsLabel().optional().describe("An App, of this namespace or of `namespace`'s."),
  namespace: dnsLabel().optional().describe('Everything in this namespace, or its `app`.'),
  cidr: anyText(43).optional().describe('Addresses: `10.0.0.0/8`.'),
  ports: z
    .array(
      z.object({
        port: port().describe('Port of the machine that is connected to.'),
        protocol: z.enum(['tcp', 'udp']).default('tcp').describe('Protocol of the port.'),
      }),
    )
    .max(32)
    .optional()
    .describe('Only these ports. Default: all.'),
};

const onePeer = rules(
  {
    rule: 'has(self.cidr) != (has(self.app) || has(self.namespace))',
    message: 'write either `cidr`, or `app` and/or `namespace`',
  },
  { rule: '!has(self.cidr) || isCIDR(self.cidr)', message: '`cidr` must be like `10.0.0.0/8` or `fd00::/8`' },
);

const peerSchema = z.object(peer).meta(onePeer);

export const networkSchema = z.object({
  name: dnsLabel()
    .default('default')
    .describe('Private network. Apps of one namespace reach each other when they name the same one.'),
  allowFrom: z.array(peerSchema).max(64).default([]).describe('Who may connect besides the App’s own network.'),
  egress: z
    .array(peerSchema)
    .max(64)
    .optional()
    .describe('Where the App may connect to: a closed list, to which only DNS is added. Absent: anywhere.'),
});

export const domainsSchema = mapOf(
  z.object({
    host: z
      .string()
      .max(253)
      .regex(/^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .describe('Host name: `hello.example.com`.'),
    tlsSecretName: dnsSubdomain().optional().describe('Secret of type kubernetes.io/tls with its certificate.'),
  }),
  ['host'],
  64,
);

export type NetworkPeer = z.infer<typeof peerSchema>;
