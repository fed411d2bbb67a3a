import { type App, appSpecSchema } from './app.ts';
import { appStatusSchema } from './app-status.ts';
import { read, type Stored } from './read.ts';

const schemas = { spec: appSpecSchema, status: appStatusSchema };

/** An App as it is stored; one that cannot be read comes with a spec that says nothing, and the problem. */
export function readApp(stored: Stored): { app: App; problem?: string } {
  const found = read(stored, schemas);
  if (!('problem' in found)) return { app: found };
  const { metadata, status, problem } = found;
  return { app: { metadata, spec: appSpecSchema.parse({ image: 'unreadable' }), status }, problem };
}
