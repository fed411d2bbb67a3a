/** Why the API server refused, in its own words: the `Status` object that comes with every error. */
export interface Status {
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: StatusDetails;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

interface KubeErrorInit {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
  readonly details?: StatusDetails | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A request that did not succeed. `message` is one line for people: `NotFound: pods "x" not found`.
 * `status` is the HTTP status, or 0 with reason `Unreachable` when no answer came.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** How long the API server asks to wait before the next try. */
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, reason, text, details, retryAfterSeconds, cause }: KubeErrorInit) {
    super(`${reason}: ${oneLine(text)}`, { cause });
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** From the body of an error answer, or of an ERROR event, whose HTTP status is 200. */
export function errorOfStatus(status: Status, http: number, retryAfter?: number): KubeError {
  const code = status.code || http;
  return new KubeError({
    status: code,
    reason: status.reason || reasonOf(code),
    text: describe(status) || `the API server answered ${code}`,
    details: status.details,
    retryAfterSeconds: retryAfter ?? status.details?.retryAfterSeconds,
  });
}

/** From an error answer as it came; a proxy in front of the API server may answer with no `Status`. */
export function errorOfAnswer(http: number, body: string, retryAfterHeader?: string): KubeError {
  const seconds = Number(retryAfterHeader || Number.NaN);
  return errorOfStatus(parseStatus(body), http, Number.isFinite(seconds) ? seconds : undefined);
}

/** From a failure below HTTP; `server` is the address that was tried. */
export function unreachable(server: URL, cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause;
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
  const text = `no connection to ${server.origin} (${code || message}): ${whatToCheck(code)}`;
  return new KubeError({ status: 0, reason: 'Unreachable', text, cause });
}

/** The server took the connection, and then nothing came for the time allowed. */
export function timedOut(server: URL, ms: number): KubeError {
  const text = `no answer from ${server.origin} within ${ms / 1000} s: is the API server overloaded, or a firewall in between?`;
  return new KubeError({ status: 0, reason: 'Unreachable', text, cause: { code: 'ETIMEDOUT' } });
}

const has = (status: number, reason?: string) => (error: unknown) =>
  error instanceof KubeError && error.status === status && (!reason || error.reason === reason);

export const isUnreachable = has(0);
export const isUnauthorized = has(401);
export const isForbidden = has(403);
export const isNotFound = has(404);
export const isAlreadyExists = has(409, 'AlreadyExists');
/** Somebody changed the object in between, or owns a field that was applied. */
export const isConflict = has(409, 'Conflict');
/** The resourceVersion or the `continue` token is too old: list again. */
export const isGone = has(410);
export const isInvalid = has(422);

/**
 * Nothing but fields that cannot change keeps it from being updated. A StatefulSet does not say which; of a core Secret
 * that is `immutable` it is all of its data.
 */
export function isImmutable(error: unknown): boolean {
  const causes = (error instanceof KubeError && isInvalid(error) && error.details?.causes) || [];
  return (
    causes.length > 0 &&
    causes.every(
      (c) =>
        c.reason === 'FieldValueForbidden' && (c.field === 'spec' || c.field === 'data' || c.field === 'immutable'),
    )
  );
}

/** The resourceVersion is one that the server has not reached: a replica that lags, or etcd restored from a backup. */
export function isFutureVersion(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    (error.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') ?? false)
  );
}

/** Answers 403 or 404 to what is written into a namespace that is being deleted. */
export function isTerminating(error: unknown): boolean {
  return (
    isForbidden(error) && ((error as KubeError).details?.causes ?? []).some((c) => c.reason === 'NamespaceTerminating')
  );
}

function describe({ message = '', reason, details }: Status): string {
  const causes = details?.causes ?? [];
  if (reason !== 'Invalid' || causes.length === 0) return message;
  const fields = causes.map(({ field, message }) => [field, readable(message)].filter(Boolean).join(': '));
  return `${details?.kind ?? 'object'} "${details?.name ?? ''}": ${[...new Set(fields)].join('; ')}`;
}

/**
 * A CEL rule of a CRD is reported as `Invalid value: "object": <the rule's message>`; what is quoted is only a type. Of built-in kinds the
 * whole value is quoted, which is not for logs where it is more than a word.
 */
function readable(message = ''): string {
  return message.replace(
    /^Invalid value: (?:"?(?:object|array|string|integer|number|boolean)"?|\{.*\}|\[.*\]): (?=.)/s,
    '',
  );
}

function parseStatus(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === 'object') return parsed as Status;
  } catch {
    // Not JSON: a proxy's page, or plain text.
  }
  return { message: body.slice(0, 300) };
}

const reasons: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const reasonOf = (code: number) => reasons[code] ?? `Status${code}`;

function whatToCheck(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'its name does not resolve; check `server` in the kubeconfig and DNS';
  if (code === 'ECONNREFUSED')
    return 'nothing listens there; is the cluster running, and is `server` in the kubeconfig right?';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|VERIFY/.test(code)) {
    return "its certificate is not trusted; check the kubeconfig's certificate-authority and server name";
  }
  return 'check that the API server is up and that this machine can reach it';
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').trim();
