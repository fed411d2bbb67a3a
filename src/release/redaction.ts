import type { ObservedPod } from '../api/kubernetes.ts';

/** Shorter values would make holes into every text, and are no secrets. */
const shortest = 6;

type ContainerStatus = NonNullable<NonNullable<ObservedPod['status']>['containerStatuses']>[number];
type State = NonNullable<ContainerStatus['state']>;

/**
 * Pods with `***` in the place of values of secrets in what their programs said at last, which goes into conditions,
 * journals and events. `values` is called only where somebody has said something; it gives them in base64.
 */
export function redacted<Pod extends ObservedPod>(pods: readonly Pod[], values: () => readonly string[]): Pod[] {
  let hide: ((text: string) => string) | undefined;
  return pods.map((pod) => {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    if (![...containerStatuses, ...initContainerStatuses].some(saysSomething)) return pod;
    hide ??= hider(values());
    const quiet = (statuses: ContainerStatus[]) => statuses.map((status) => withoutValues(status, hide!));
    const status = {
      ...pod.status,
      containerStatuses: quiet(containerStatuses),
      initContainerStatuses: quiet(initContainerStatuses),
    };
    return { ...pod, status };
  });
}

/** Replaces the values, given in base64, in each of the forms in which programs print them. */
export function hider(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => withoutTail(rest, form).replaceAll(form, '***'), text);
}

function formsOf(base64: string): string[] {
  const value = Buffer.from(base64, 'base64').toString();
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const forms = [value, value.trim(), ...lines, base64, base64.replace(/=+$/, ''), JSON.stringify(value).slice(1, -1)];
  const urls = [encoded(value), Buffer.from(base64, 'base64').toString('base64url')];
  return value.length < shortest ? [] : [...forms, ...urls].filter(({ length }) => length >= shortest);
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half of a pair of code units is no text.
    return value;
  }
}

/** The kubelet keeps the end of a log, which may begin in the middle of a value. */
function withoutTail(text: string, form: string): string {
  for (let cut = 1; cut <= form.length - shortest; cut++) {
    const tail = form.slice(cut);
    if (text.startsWith(tail)) return `***${text.slice(tail.length)}`;
  }
  return text;
}

const saysSomething = ({ state, lastState }: ContainerStatus) =>
  [state, lastState].some((one) => one?.terminated?.message || one?.waiting?.message);

function withoutValues<T extends ContainerStatus>({ state, lastState, ...rest }: T, hide: (text: string) => string): T {
  return {
    ...rest,
    ...(state && { state: quietState(state, hide) }),
    ...(lastState && { lastState: quietState(lastState, hide) }),
  } as T;
}

function quietState({ terminated, waiting, ...rest }: State, hide: (text: string) => string): State {
  return {
    ...rest,
    ...(terminated && { terminated: quiet(terminated, hide) }),
    ...(waiting && { waiting: quiet(waiting, hide) }),
  };
}

function quiet<T extends { message?: string }>(said: T, hide: (text: string) => string): T {
  return said.message === undefined ? said : { ...said, message: hide(said.message) };
}
