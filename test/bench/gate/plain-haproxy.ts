/** A HAProxy that answers each request itself: the fastest machine that there is. */
export const answering = (port: number): string =>
  haproxyConfig('machine', port, ['http-request return status 200 content-type text/plain string "hello\\n"']);

/** A HAProxy in front of one machine that sets the headers of a gate, as one would write it by hand. */
export function byHand(machine: string, port: number): string {
  return haproxyConfig('plain', port, [
    'balance leastconn',
    'unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid',
    'unique-id-header Fly-Request-Id',
    'http-request set-header X-Forwarded-For %[src]',
    'http-request set-header Fly-Client-IP %[src]',
    'http-request set-header Fly-Region fra',
    'http-request set-header X-Forwarded-Proto http',
    'http-request set-header X-Forwarded-SSL off',
    'http-request set-header X-Forwarded-Port 80',
    'http-request set-header Fly-Forwarded-Port 80',
    'http-request add-header Via "1.1 airfield"',
    'http-response set-header Server airfield',
    'http-response add-header Via "1.1 airfield"',
    'http-response set-header Fly-Request-Id %ID',
    `server m ${machine} maxconn 500`,
  ]);
}

function haproxyConfig(name: string, port: number, lines: readonly string[]): string {
  const times = '  timeout connect 3s\n  timeout client 60s\n  timeout server 60s';
  const listen = [`listen ${name}`, ...[`bind :${port}`, ...lines].map((line) => `  ${line}`)].join('\n');
  return `global\n  nbthread 2\n  maxconn 2000\n  no strict-limits\ndefaults\n  mode http\n${times}\n${listen}\n`;
}
