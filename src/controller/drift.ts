/** JSON as it travels. */
type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

type MergeKeys = readonly [string, ...string[]];

/**
 * Fields by which Kubernetes tells the elements of its lists apart (`x-kubernetes-list-map-keys` of the built-in kinds),
 * the most telling first. A list of objects that none of these tells apart is compared by position.
 */
const mergeKeys: readonly MergeKeys[] = [
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['name'],
  ['type'],
  ['uid'],
];

/** What the API server fills in where such a field is absent. */
const defaults: Readonly<Record<string, Json>> = { protocol: 'TCP' };

/**
 * Whether `actual` says everything that `desired` says. Fields that only `actual` has are defaults or somebody else's and
 * do not count; elements that only `actual` has in a list do, because a list is meant as a whole.
 */
export function covers(actual: Json, desired: Json): boolean {
  // The API server leaves out empty lists and, as in the value of a variable, empty strings.
  if (Array.isArray(desired)) return coversList(actual ?? [], desired);
  if (!isObject(desired))
    return desired === undefined || actual === desired || (desired === '' && actual === undefined);
  if (!isObject(actual)) return false;
  return Object.entries(desired).every(([key, value]) => covers(actual[key], value));
}

/** `actual` with everything that `desired` says: what would be there if lists had no elements of somebody else. */
export function overlay(actual: Json, desired: Json): Json {
  if (desired === undefined) return actual;
  if (Array.isArray(desired)) {
    const pair = pairing(Array.isArray(actual) ? actual : [], desired);
    return desired.map((element, index) => overlay(pair(index), element));
  }
  if (!isObject(desired)) return desired;
  const base = isObject(actual) ? actual : {};
  const laid = Object.entries(desired).map(([key, value]): [string, Json] => [key, overlay(base[key], value)]);
  return { ...base, ...Object.fromEntries(laid) };
}

function coversList(actual: Json, desired: Json[]): boolean {
  if (!Array.isArray(actual) || actual.length !== desired.length) return false;
  const pair = pairing(actual, desired);
  return desired.every((element, index) => covers(pair(index), element));
}

/** Finds the element of `actual` that is meant by one of `desired`. */
function pairing(actual: Json[], desired: Json[]): (index: number) => Json {
  for (const keys of mergeKeys) {
    if (!desired.every((item) => isObject(item) && keys[0] in item)) continue;
    const identities = desired.map((item) => identity(item, keys));
    // Two checks of a release may have the same `type`, so that is not what tells them apart.
    if (new Set(identities).size < identities.length) continue;
    const byIdentity = new Map(actual.map((item) => [identity(item, keys), item]));
    return (index) => byIdentity.get(identities[index] ?? '');
  }
  return (index) => actual[index];
}

const identity = (item: Json, keys: MergeKeys) =>
  JSON.stringify(keys.map((name) => isObject(item) && (item[name] ?? defaults[name])));

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
