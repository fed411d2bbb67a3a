/** By what a variable was taken for a credential. */
export type Suspicion = 'name' | 'value';

/**
 * Whether a variable looks like a credential: by its value, where that has the form of one, or by its name together with
 * a value that could be one. What is public by its name, or is a placeholder, a path, an address or a switch, is none.
 */
export function suspicionOf(name: string, value: string): Suspicion | undefined {
  const words = wordsOf(name);
  const isPublic = publicName.test(words);
  if (alwaysSecret.some((form) => form.test(value))) return 'value';
  if (hasPassword(value) || (!isPublic && oftenSecret.some((form) => form.test(value)))) return 'value';
  if (isPublic || isHarmless(value)) return undefined;
  const isByName =
    passwordName.test(words) ||
    (secretName.test(words) && !/^\d{1,8}$/.test(value)) ||
    (keyName.test(words) && isRandom(value, 16, 3)) ||
    (suspiciousName.test(words) && isRandom(value, 24, 3.3));
  return isByName ? 'name' : undefined;
}

/** What is said of a variable that looks like a credential; undefined where it does not. The value is never in it. */
export function credentialRemark(name: string, value: string, app: string): string | undefined {
  const suspicion = suspicionOf(name, value);
  if (!suspicion) return undefined;
  const instead = `\`airfield seal --name ${app} ${name}\` makes a Secret of it, and \`airfield convert --secrets .env\` one of many`;
  return `looks like a credential by its ${suspicion}, and is there to read for everybody who can read the App: remove it; ${instead}`;
}

/** `apiKey` and `api-key` as `API_KEY`. */
const wordsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-.]/g, '_')
    .toUpperCase();

/** Of bundlers, which build such variables into what browsers get, and of keys that come in pairs. */
const publicName =
  /^(NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|PUBLIC|VITE|REACT_APP|GATSBY|NG_APP|VUE_APP)_|(^|_)(PUBLIC|PUB|PUBLISHABLE|ANON|PUBKEY)(_|$)/;
const passwordName = /(PASSWORD|PASSWD|PASSPHRASE|(^|_)(PASS|PWD))\d*$/;
const secretName =
  /(^|_)(SECRET|TOKEN|CREDENTIALS?|COOKIE|PAT)\d*$|(^|_)(APIKEY|SECRET_KEY|SECRET_KEY_BASE|PRIVATE_KEY)$/;
const keyName = /KEY\d*$/;
const suspiciousName =
  /(^|_)(AUTH|CREDS?|ENCRYPT\w*|KEYS?|PRIVATE|SALT|PEPPER|SECRETS?|SESSION|SIGN\w*|TOKENS?|WEBHOOK)(_|\d*$)/;

/** What services give out as a secret, by how it begins. */
const alwaysSecret = [
  /-----BEGIN ([A-Z]+ )*PRIVATE KEY( BLOCK)?-----/,
  /^AGE-SECRET-KEY-1/,
  /^(sk|rk)_(live|test)_\w{8,}/,
  /^whsec_[\w+/=]{16,}/,
  /^sk-[\w-]{20,}$/,
  /^(AKIA|ASIA)[A-Z0-9]{16}$/,
  /^(gh[pousr]_\w{20,}|github_pat_\w{20,})$/,
  /^(glpat-|dop_v1_|shp(at|ss|ca)_|npm_|hf_|pypi-|re_|tskey-|xkeysib-)[\w-]{16,}$/,
  /^xox[a-z]-[\w-]{10,}/,
  /^SG\.[\w-]{16,}\.[\w-]{16,}$/,
  /^(FlyV1 |fm[12]_|fo1_)[\w+/=,-]{16,}/,
  /^\d{8,10}:[\w-]{35}$/,
  /^https:\/\/(hooks\.slack\.com\/services|(\w+\.)?discord(app)?\.com\/api\/webhooks)\/\w/,
];

/** Web tokens and Google's keys are secret, unless their name says that they are in every browser. */
const oftenSecret = [/^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+$/, /^AIza[\w-]{35}$/];

/** In a URL, or in a connection string: `host=db password=…`, `Server=db;Password=…`. */
function hasPassword(value: string): boolean {
  const [, inUrl] = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:([^\s/?#]+)@/i.exec(value) ?? [];
  const [, inPairs] = /(?:^|[;\s?&])(?:password|pwd|accountkey|sharedaccesskey)=([^;\s&]+)/i.exec(value) ?? [];
  return [inUrl, inPairs].some((password) => password !== undefined && !placeholder.test(password));
}

const placeholder =
  /^$|[<>{}]|^\$|^%\w+%$|^\(.*\)$|^\[.*\]$|^(\*+|\.+|x{3,})$|^(your|my|insert|enter|replace|change|set)[-_ ]|changeme|replaceme|placeholder|^(todo|tbd|example|dummy|none|null|nil|unset|empty|default|auto|required|optional|redacted|hidden|on|off|yes|no|true|false|enabled?|disabled?)$/i;

const reference = /^(op|vault|ssm|arn|gcp|file|env|secret|secrets|keychain|projects|doppler|infisical)[:/]/i;

function isHarmless(value: string): boolean {
  return (
    placeholder.test(value) ||
    reference.test(value) ||
    /\s/.test(value) ||
    /^(~|\.{0,2})\//.test(value) ||
    /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ||
    /^([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?$/.test(value) ||
    /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(value)
  );
}

/** Long, of letters and digits, and not of few characters only. `bits`: least entropy of a character (Shannon's). */
function isRandom(value: string, length: number, bits: number): boolean {
  return value.length >= length && /\d/.test(value) && /[a-z]/i.test(value) && entropy(value) >= bits;
}

function entropy(value: string): number {
  const counts = [...Map.groupBy(value, (character) => character).values()].map(({ length }) => length / value.length);
  return -counts.reduce((sum, share) => sum + share * Math.log2(share), 0);
}
