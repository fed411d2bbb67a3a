import type { Job } from '../api/kubernetes.ts';
import { manager, scaledAnnotation } from '../api/meta.ts';
import type { Client, DeleteOptions } from '../kube/client.ts';
import { isConflict, isImmutable, isInvalid, isNotFound, KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { appliedHash, marked, type Owner } from './applied.ts';
import { covers, overlay } from './drift.ts';
import { isOurs, refuseForeign } from './ownership.ts';
import { resourceOf } from './resources.ts';
import { keepReplicas } from './scales.ts';

export type WriteKind = 'apply' | 'replace' | 'delete';

type Writer = Pick<Client, 'get' | 'apply' | 'replace' | 'delete'>;

export interface ChildrenOptions {
  readonly client: Writer;
  /** Called for each write, for metrics. */
  readonly onWrite?: (kind: string, operation: WriteKind) => void;
}

/**
 * The only writer of children. Keeps for each child what somebody else (an admission webhook) adds to it against our
 * will, so that it is put right once and then tolerated, instead of for ever.
 */
export class Children {
  readonly #client: Writer;
  readonly #onWrite: (kind: string, operation: WriteKind) => void;
  /** By uid: the hash that was applied, and the generation that is tolerated with it. */
  readonly #tolerated = new Map<string, string>();

  constructor({ client, onWrite = () => {} }: ChildrenOptions) {
    this.#client = client;
    this.#onWrite = onWrite;
  }

  /**
   * Makes the children of `owner` what is desired: applies what is missing or differs, in the order given, then deletes
   * those of `current` that are not desired. Gives back the desired children as the API server has them. Nothing is
   * written where nothing differs; `signal` ends what is under way. Throws TerminalError `NameConflict` for a name that something else has.
   */
  async apply(
    owner: Owner,
    desired: readonly KubeObject[],
    current: readonly KubeObject[],
    signal?: AbortSignal,
  ): Promise<KubeObject[]> {
    const known = new Map(current.map((child) => [identity(child), child]));
    const children: KubeObject[] = [];
    for (const child of desired) {
      children.push(await this.#applyOne(owner, marked(child, owner), known.get(identity(child)), signal));
      known.delete(identity(child));
    }
    for (const child of known.values()) if (isOurs(child, owner)) await this.#delete(child, signal);
    return children;
  }

  async #applyOne(
    owner: Owner,
    wanted: KubeObject,
    cached: KubeObject | undefined,
    signal: AbortSignal | undefined,
  ): Promise<KubeObject> {
    const made = cached ? undefined : await this.#make(wanted, signal);
    const actual = cached ?? (made ? undefined : await this.#read(wanted, signal));
    const desired = actual ? asMade(wanted, actual) : wanted;
    if (actual) {
      refuseForeign(actual, owner);
      if (this.#isRight(actual, desired)) return actual;
    }
    const applied = made ?? (await this.#serverSideApply(desired, actual, signal));
    return this.#isRight(applied, desired) ? applied : this.#correct(applied, desired, signal);
  }

  /** Undefined where there is one of the name already: unseen as yet, or somebody else's. */
  async #make(child: KubeObject, signal: AbortSignal | undefined): Promise<KubeObject | undefined> {
    const asNew = { ...child, metadata: { ...child.metadata, resourceVersion: versionOfNone } };
    const options = { fieldManager: manager, force: true, signal };
    try {
      const made = await this.#client.apply<KubeObject>(resourceOf(child), asNew, options);
      this.#onWrite(child.kind, 'apply');
      return made;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  /** Where somebody has renamed an element of a list, applying would make two of it, which the API server may refuse. */
  async #serverSideApply(
    desired: KubeObject,
    actual: KubeObject | undefined,
    signal: AbortSignal | undefined,
  ): Promise<KubeObject> {
    try {
      if (actual && isScaled(desired)) await keepReplicas(this.#client, actual, signal);
      // One that is gone by now must not come back with the one machine that Kubernetes begins with.
      const meant = actual && isScaled(desired) ? withUid(desired, actual) : desired;
      const options = { fieldManager: manager, force: true, signal };
      const applied = await this.#client.apply<KubeObject>(resourceOf(desired), meant, options);
      this.#onWrite(desired.kind, 'apply');
      return applied;
    } catch (error) {
      if (!actual || !isInvalid(error)) throw error;
      if (madeAnew.has(desired.kind) && isImmutable(error)) return this.#makeAnew(actual, signal);
      return this.#correct(actual, desired, signal);
    }
  }

  /**
   * Server-side apply leaves alone the elements that somebody else has put into a list. They are taken out by an update,
   * once: what is there again afterwards is put there by the cluster itself.
   */
  async #correct(actual: KubeObject, desired: KubeObject, signal: AbortSignal | undefined): Promise<KubeObject> {
    const corrected = overlay(actual as never, desired as never) as unknown as KubeObject;
    const replaced = await this.#client.replace(resourceOf(desired), corrected, { fieldManager: manager, signal });
    this.#onWrite(desired.kind, 'replace');
    if (!covers(replaced as never, desired as never))
      this.#tolerated.set(replaced.metadata.uid ?? '', token(replaced, desired));
    return replaced;
  }

  /**
   * What cannot be changed is deleted, a StatefulSet without its pods: they go on running and belong to the new one. Kubernetes takes a
   * moment for that, so it ends as a conflict does, and is tried again when the old one is gone.
   */
  async #makeAnew(actual: KubeObject, signal: AbortSignal | undefined): Promise<never> {
    await this.#delete(actual, signal, actual.kind === 'StatefulSet' ? 'Orphan' : 'Background');
    const text = `${actual.kind} ${actual.metadata.name} is being made anew, for what changes in it is immutable`;
    throw new KubeError({ status: 409, reason: 'Conflict', text });
  }

  #isRight(actual: KubeObject, desired: KubeObject): boolean {
    if (appliedHash(actual) !== appliedHash(desired)) return false;
    return (
      covers(actual as never, desired as never) ||
      this.#tolerated.get(actual.metadata.uid ?? '') === token(actual, desired)
    );
  }

  async #read(child: KubeObject, signal: AbortSignal | undefined): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get<KubeObject>(resourceOf(child), child.metadata, signal && { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #delete(
    child: KubeObject,
    signal: AbortSignal | undefined,
    // Nothing of a Job may still run when its name is free again: the next one would run beside it.
    propagationPolicy: DeleteOptions['propagationPolicy'] = child.kind === 'Job' ? 'Foreground' : 'Background',
  ): Promise<void> {
    const { uid, deletionTimestamp } = child.metadata;
    if (deletionTimestamp) return;
    try {
      await this.#client.delete(resourceOf(child), child.metadata, {
        propagationPolicy,
        ...(uid && { uid }),
        ...(signal && { signal }),
      });
      this.#onWrite(child.kind, 'delete');
    } catch (error) {
      // Gone already, or another object by now, of which its own event will tell.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    if (uid) this.#tolerated.delete(uid);
  }
}

/** Kinds with parts that cannot be changed: what is wrong in these is put right by another object of the name. */
const madeAnew: ReadonlySet<string> = new Set(['StatefulSet', 'Secret', 'ConfigMap']);

/**
 * Applied with a version that no object has, an object is made where there is none of the name, and refused as a conflict
 * where there is: nothing is taken over, and nobody has to look first. Unlike a POST it says which fields are applied, so
 * that those which go out later are taken away (https://kubernetes.io/docs/reference/using-api/server-side-apply/). What a POST has
 * stored of a ControllerRevision could never be applied: its data are immutable, and come in another order when they are.
 * etcd begins to count at 1, which is before its first object.
 */
const versionOfNone = '1';

const identity = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
/** Applied like this it is a conflict where there is no such object, or another one of the name. */
const withUid = (desired: KubeObject, { metadata: { uid } }: KubeObject): KubeObject =>
  uid === undefined ? desired : { ...desired, metadata: { ...desired.metadata, uid } };
const isScaled = ({ metadata }: KubeObject) => metadata.annotations?.[scaledAnnotation] !== undefined;

/**
 * What can be had of a Job that is there. But for a few words, among them how many machines it has, a Job cannot change,
 * and made anew it would run its programs again. So what an update of Airfield makes of the same release waits for the
 * next one.
 */
function asMade(desired: KubeObject, actual: KubeObject): KubeObject {
  if (desired.kind !== 'Job') return desired;
  const { parallelism, completions, suspend } = specOf(desired);
  return { ...desired, spec: { ...specOf(actual), parallelism, completions, suspend } } as KubeObject;
}

const specOf = (job: KubeObject) => (job as KubeObject & Pick<Job, 'spec'>).spec ?? { template: {} };

/** A Service counts no generations; its version changes with every edit too. */
function token({ metadata }: KubeObject, desired: KubeObject): string {
  return `${appliedHash(desired)}/${metadata.generation ?? metadata.resourceVersion}`;
}
