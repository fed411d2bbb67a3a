import type { AppSpec } from '../api/app.ts';
import type { AppStatus } from '../api/app-status.ts';
import { portOf } from '../desired/checks.ts';

export type CheckStatus = NonNullable<AppStatus['checks']>[number];

/**
 * What the checks of the App say, in the order of the spec; nothing where it has none. A check without a result has not
 * been asked often enough: what was said of it before holds on, so that an operator that starts changes nothing. Without
 * `results` nobody can be asked.
 */
export function checkStatuses(
  { spec, status }: { readonly spec: AppSpec; readonly status: AppStatus },
  results: readonly CheckStatus[] | undefined,
): CheckStatus[] | undefined {
  if (spec.checks.length === 0) return undefined;
  const isOf = (name: string) => (result: CheckStatus) => result.name === name;
  return spec.checks.flatMap((check): CheckStatus[] => {
    if (portOf(spec, check) === undefined) return [{ ...nobody(check.name), output: noPort }];
    if (!results) return [{ ...nobody(check.name), output: outside }];
    const result = results.find(isOf(check.name)) ?? status.checks?.find(isOf(check.name));
    return result ? [result] : [];
  });
}

const nobody = (name: string): CheckStatus => ({ name, passing: 0, total: 0 });
const outside = 'cannot be reached from the operator: it runs outside of the cluster';
const noPort = 'the App has no service to take the port from: write a `port`';
