import type { AppSpecInput } from '../api/app.ts';
import type { MachineSpecInput } from '../api/machine.ts';
import type { ScheduleSpecInput } from '../api/schedule.ts';
import type { SecretSpecInput } from '../api/secret.ts';

/** A resource of Airfield as it is applied: no default is written out. */
interface Resource<Kind extends string, Spec> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Spec;
}

export type AppManifest = Resource<'App', AppSpecInput>;
export type MachineManifest = Resource<'Machine', MachineSpecInput>;
export type ScheduleManifest = Resource<'Schedule', ScheduleSpecInput>;
export type SecretManifest = Resource<'Secret', SecretSpecInput>;
export type Manifest = AppManifest | MachineManifest | ScheduleManifest | SecretManifest;
