import { Option } from 'commander';

/** Where the operator has its keys: told, and by default, as the operator itself is. */
export function operatorNamespaceOption(): Option {
  const option = new Option('--operator-namespace <name>', "namespace of the operator's Lease and keys");
  return option.default('default').env('AIRFIELD_LEASE_NAMESPACE');
}
