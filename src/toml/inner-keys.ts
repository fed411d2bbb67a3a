const replays = ['path_prefix', 'ttl_seconds', 'type', 'name', 'allow_bypass'];

/**
 * What may be in a table that has one verdict for all of it, by the pattern of the table (flyctl, internal/appconfig).
 * `<name>` is any name.
 */
export const innerKeys: Readonly<Record<string, readonly string[]>> = {
  'build.args': ['<name>'],
  'build.settings': ['<name>'],
  'build.compose': ['file'],
  'experimental.attached': ['secrets.export.<name>'],
  'http_service.http_options.replay_cache[]': replays,
  'services[].ports[].http_options.replay_cache[]': replays,
  'services[].script_checks': ['command', 'args', 'interval', 'timeout', 'grace_period', 'restart_limit'],
  'machine_checks[]': ['image', 'entrypoint', 'command', 'kill_signal', 'kill_timeout'],
  'statics[]': ['guest_path', 'url_prefix', 'tigris_bucket', 'index_document'],
};

/** Whether a name, or the beginning of one, is in a table with one verdict: `secrets.export` is in `experimental.attached`. */
export function isInside(table: string, name: string): boolean {
  const parts = name.split('.');
  return (innerKeys[table] ?? []).some((inner) => {
    const wanted = inner.split('.');
    return parts.length <= wanted.length && parts.every((part, at) => wanted[at] === '<name>' || wanted[at] === part);
  });
}
