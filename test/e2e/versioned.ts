import type { AppSpecInput } from '../../src/api/app.ts';
import { app } from './apps.ts';

/** An App whose releases are told apart by VERSION in its environment: images/versioned/server.js. */
export function versionedApp(name: string, spec: Partial<AppSpecInput> = {}): object {
  return app(name, {
    image: 'airfield.local/versioned:1',
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
