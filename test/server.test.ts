import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../src/metrics.ts';
import { type RunningServer, startServer } from '../src/server.ts';

let server: RunningServer | undefined;
let reasons: string[] = [];
const metrics = createMetrics();

async function get(path: string) {
  server ??= await startServer({ host: '127.0.0.1', port: 0, metrics, notReady: () => reasons });
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

afterEach(async () => {
  await server?.close();
  server = undefined;
  reasons = [];
});

describe('the HTTP server', () => {
  it('says that the process lives', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('says whether it sees the cluster, and if not why', async () => {
    expect(await get('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
    reasons = ['nothing heard of pods for too long'];
    expect(await get('/readyz')).toMatchObject({ status: 503, text: 'nothing heard of pods for too long\n' });
  });

  it('gives metrics as Prometheus reads them', async () => {
    const { status, type, text } = await get('/metrics');
    expect({ status, type }).toMatchObject({ status: 200, type: expect.stringContaining('text/plain; version=0.0.4') });
    expect(text).toContain('# TYPE controller_runtime_reconcile_total counter');
    expect(text).toContain('# TYPE process_resident_memory_bytes gauge');
  });

  it('says what there is where there is nothing', async () => {
    expect(await get('/metrixs')).toMatchObject({ status: 404, text: 'There are /healthz, /readyz and /metrics.\n' });
  });

  it('says in one line that its port is taken', async () => {
    await get('/healthz');
    const second = startServer({ host: '127.0.0.1', port: server!.port, metrics, notReady: () => [] });
    await expect(second).rejects.toThrow(/^port \d+ is taken: stop what listens there, or set AIRFIELD_\w*PORT$/);
  });

  it('says in one line that its address is not one of this machine', async () => {
    const foreign = startServer({ host: '192.0.2.1', port: 0, metrics, notReady: () => [] });
    await expect(foreign).rejects.toThrow(/^[^\n]*192\.0\.2\.1[^\n]*$/);
  });

  it('closes at once, with connections kept alive', async () => {
    await get('/healthz');
    await server!.close();
    server = undefined;
  });
});
