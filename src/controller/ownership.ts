import { label, manager } from '../api/meta.ts';
import type { KubeObject } from '../kube/types.ts';
import { appliedHash, type Owner } from './applied.ts';
import { TerminalError } from './terminal-error.ts';

/** What was not made by Airfield is not watched, so its going away has to be looked for. */
const recheckForeignMs = 30_000;

/** Nothing that somebody else made is ever taken over. */
export function refuseForeign(actual: KubeObject, owner: Owner): void {
  if (isOurs(actual, owner)) return;
  const { metadata } = actual;
  const controller = controllerOf(actual);
  if (owner && controller && controller.kind === owner.kind && controller.name === owner.metadata.name) {
    throw new Error(
      `${actual.kind} ${metadata.name} is still there from the ${owner.kind} of this name that was deleted`,
    );
  }
  const holder = controller ? `belongs to ${controller.kind} ${controller.name}` : 'was not made by Airfield';
  throw new TerminalError(
    'NameConflict',
    `${actual.kind} ${metadata.name} exists already and ${holder}: delete or rename it, or choose another name`,
    recheckForeignMs,
  );
}

const controllerOf = ({ metadata }: KubeObject) => metadata.ownerReferences?.find(({ controller }) => controller);

/**
 * A child of ours whose owner was taken off it is still ours: that happens by an edit, or by `kubectl delete
 * --cascade=orphan`, after which the App is made again.
 */
export function isOurs(actual: KubeObject, owner: Owner): boolean {
  const controller = controllerOf(actual);
  if (!owner) return !controller && isManaged(actual);
  if (controller) return controller.uid === owner.metadata.uid;
  const ownLabel = ownLabels[owner.kind] ?? label.app;
  return isManaged(actual) && actual.metadata.labels?.[ownLabel] === owner.metadata.name;
}

/** The label that has the name of an owner, where that is not {@link label.app}. */
const ownLabels: Readonly<Record<string, string>> = {
  Machine: label.machine,
  Schedule: label.schedule,
  Secret: label.secret,
};

/** Somebody else may have copied its labels. */
const isManaged = (actual: KubeObject) =>
  actual.metadata.labels?.[label.managedBy] === manager && appliedHash(actual) !== undefined;
