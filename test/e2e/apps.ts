import type { AppSpecInput } from '../../src/api/app.ts';

/** The image of examples/hello: answers with who it is. */
export const helloImage = 'airfield.local/hello:1';

/** A shell with wget, nc and nslookup, to look at other Apps from inside. */
export const clientImage = 'airfield.local/client:1';

export function app(name: string, spec: AppSpecInput): object {
  return { apiVersion: 'airfield.dev/v1alpha1', kind: 'App', metadata: { name }, spec };
}

/** An App as in examples/hello, with what a test wants to be different. */
export function helloApp(name: string, spec: Partial<AppSpecInput> = {}): object {
  return app(name, {
    image: helloImage,
    killSignal: 'SIGTERM',
    services: [
      {
        internalPort: 8080,
        ports: [{ port: 80, handlers: ['http'] }],
        checks: [{ type: 'http', path: '/health', interval: '2s', timeout: '1s' }],
      },
    ],
    ...spec,
  });
}

/** An App without a service that only waits to be asked for something. */
export function clientApp(name = 'client', spec: Partial<AppSpecInput> = {}): object {
  return app(name, {
    image: clientImage,
    killSignal: 'SIGKILL',
    processes: [{ name: 'app', command: ['sleep', '86400'] }],
    ...spec,
  });
}
