import type { AppSpecInput } from '../../src/api/app.ts';
import { app, clientApp, clientImage } from './apps.ts';

export const service = { internalPort: 8080, ports: [{ port: 80 }] };

/** images/shell-less, with a service. */
export function shellLess(name: string, spec: Partial<AppSpecInput> = {}): object {
  return app(name, {
    image: 'airfield.local/shell-less:1',
    processes: [{ name: 'app', count: 1 }],
    services: [service],
    ...spec,
  });
}

/** Not text in any encoding. */
export const secretBytes = Buffer.from([0, 255, 10, 13, 128]);

export const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { motd: 'Grüezi 🏔\n' },
};
export const keys = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys.acme' },
  data: { '.key': secretBytes.toString('base64') },
};

/** A machine with files, a volume, and containers before and beside its program, each of which writes down that it began. */
export function filed(): object {
  const beginning = (who: string, then: string) => ['sh', '-c', `echo ${who} >> /data/order; ${then}`];
  const wait = 'exec sleep 86400';
  return clientApp('filed', {
    processes: [
      {
        name: 'app',
        command: beginning('program', 'exec httpd -f -p 8080 -h /etc/app'),
        init: [{ name: 'first', image: clientImage, command: beginning('init', 'sleep 1; echo ready >> /data/order') }],
        sidecars: [{ name: 'beside', image: clientImage, command: beginning('sidecar', wait), env: { OWN: '1' } }],
      },
    ],
    services: [service],
    mounts: [{ name: 'data', destination: '/data' }],
    files: [
      { path: '/etc/app/app.conf', content: 'größer: ☃\n' },
      { path: '/etc/app/key', secretKeyRef: { name: 'keys.acme', key: '.key' } },
      { path: '/etc/app/motd', configMapKeyRef: { name: 'settings', key: 'motd' } },
    ],
    env: { GREETING: 'hello' },
  });
}

/** A machine with one file. */
export function changed(content: string, deploy: AppSpecInput['deploy'] = {}): object {
  return clientApp('changed', {
    processes: [{ name: 'app', count: 1, command: ['httpd', '-f', '-p', '8080'] }],
    services: [service],
    files: [{ path: '/etc/app.conf', content }],
    deploy,
  });
}
