import { describe, expect, it } from 'vitest';
import { convert } from '../../src/toml/convert.ts';
import { suspicionOf } from '../../src/toml/credentials.ts';

const random = 'q8Zr3XvN1kT7mB5yL0wJ';
const token = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0In0', 'c2lnbmF0dXJl'].join('.');
/** Put together here, so that nobody who looks for credentials in this repository finds one. */
const stripe = (kind: string) => ['sk', kind, random].join('_');

describe('a variable that looks like a credential', () => {
  it.each([
    ['DB_PASSWORD', 'hunter2'],
    ['PGPASSWORD', 'hunter2'],
    ['POSTGRES_PASSWORD', '12345'],
    ['smtpPassword', 'hunter2'],
    ['API_TOKEN', 'abc-def'],
    ['CLIENT_SECRET', 'abc-def'],
    ['SECRET_KEY_BASE', 'abc-def'],
    ['RELEASE_COOKIE', 'abc-def'],
    ['OPENAI_API_KEY', random],
    ['apiKey', random],
    ['ENCRYPTION_SALT', `${random}AbCd9`],
  ])('is one by its name: %s=%s', (name, value) => expect(suspicionOf(name, value)).toBe('name'));

  it.each([
    ['STRIPE', stripe('live')],
    ['NEXT_PUBLIC_STRIPE', stripe('test')],
    ['ID', `AKIA${'ABCDEFGH12345678'}`],
    ['GH', `ghp_${random}${random}`],
    ['SLACK', `xoxb-${random}`],
    ['BOT', `123456789:${random}${random.slice(0, 15)}`],
    ['CHAT', `sk-${random}${random}`],
    ['HOOK', `https://hooks.slack.com/services/${random}`],
    ['PEM', `-----BEGIN ${'RSA PRIVATE'} KEY-----\nMIIE\n`],
    ['AGE', `AGE-SECRET-KEY-1${random}`],
    ['SESSION', token],
    ['DATABASE_URL', 'postgres://hello:hunter2@db.internal:5432/hello'],
    ['REDIS_URL', 'redis://:hunter2@cache.internal'],
    ['DSN', 'host=db user=hello password=hunter2'],
    ['CONNECTION', 'Server=db;User Id=hello;Password=hunter2;'],
  ])('is one by its value: %s', (name, value) => expect(suspicionOf(name, value)).toBe('value'));

  it.each([
    ['NEXT_PUBLIC_API_KEY', random],
    ['VITE_MAPS_KEY', random],
    ['VAPID_PUBLIC_KEY', `B${random}${random}`],
    ['STRIPE_PUBLISHABLE_KEY', `pk_live_${random}`],
    ['SUPABASE_ANON_KEY', token],
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD', 'changeme'],
    ['DB_PASSWORD', '{YOUR_PASSWORD}'],
    ['DB_PASSWORD', 'your-password-here'],
    ['DB_PASSWORD', '$DB_PASSWORD'],
    ['DB_PASSWORD', '<set with fly secrets>'],
    ['DB_PASSWORD', 'set it with fly secrets'],
    ['DB_PASSWORD_FILE', '/run/secrets/db'],
    ['DB_PASSWORD', '/run/secrets/db'],
    ['DB_PASSWORD', 'op://vault/db/password'],
    ['REQUIRE_PASSWORD', 'true'],
    ['USE_TOKEN', 'disabled'],
    ['MAX_TOKEN', '4096'],
    ['ACCESS_TOKEN_EXPIRES_IN', '2592000'],
    ['TOKEN_TTL', '15m'],
    ['SECRET_NAME', 'hello-db'],
    ['TOKEN_URL', 'https://auth.example.com/oauth/token'],
    ['AUTH_HOST', 'auth.example.com'],
    ['PRIMARY_KEY', 'id'],
    ['CACHE_KEY', 'users-v2'],
    ['SORT_KEY', 'created_at_then_updated_at'],
    ['MONKEY', 'see'],
    ['BYPASS', 'nothing'],
    ['COMPASS', 'north'],
    ['DATABASE_URL', 'postgres://db.internal:5432/hello'],
    ['DATABASE_URL', 'postgres://hello@db.internal/hello'],
    ['DATABASE_URL', 'postgres://hello:$PASSWORD@db.internal/hello'],
    ['SENTRY_DSN', 'https://0123456789abcdef0123456789abcdef@sentry.example.com/1'],
    ['R2_ENDPOINT_URL', 'https://8feb33b5fb57ce2bc093bc6f4141f40a.r2.example.com'],
    ['COMMIT', '8feb33b5fb57ce2bc093bc6f4141f40a12345678'],
    ['LOG_LEVEL', 'info'],
    ['DATA_DIR', '/data'],
  ])('is none: %s=%s', (name, value) => expect(suspicionOf(name, value)).toBeUndefined());

  it('is pointed out by its name, with the Secret to make instead, and kept', () => {
    const text = `app = "hello"\n[build]\nimage = "x:1"\n[env]\nLOG = "info"\nDB_PASSWORD = "hunter2"\n`;
    const { app, problems } = convert(text);
    expect(app?.spec.env).toEqual({ LOG: 'info', DB_PASSWORD: 'hunter2' });
    expect(problems).toMatchObject([{ code: 'AF028', severity: 'warning', line: 6, path: 'env.DB_PASSWORD' }]);
    expect(problems[0]?.message).toContain('`airfield seal --name hello DB_PASSWORD`');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('is pointed out in the older [[env]] too', () => {
    const text = `app = "hello"\n[build]\nimage = "x:1"\n[[env]]\nDB_PASSWORD = "hunter2"\n`;
    expect(convert(text).problems).toMatchObject([{ code: 'AF028', line: 5 }]);
  });
});
