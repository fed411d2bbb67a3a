import { createHash, timingSafeEqual } from 'node:crypto';
import type { Express, Request, Response } from 'express';
import type { Drained, ToldRoute } from '../api/gate.ts';

export interface EndpointsOptions {
  /** What whoever asks for a drain has to know. Undefined: nobody may. */
  readonly token: string | undefined;
  readonly load: () => Promise<ToldRoute[]>;
  /** Nothing new for so many seconds; 0 takes it back. */
  readonly drain: (namespace: string, machine: string, seconds: number) => Promise<Drained>;
}

export const endpointPaths = ['/load', '/drain'];

/** Whoever asks asks again before it is over; a machine that nobody asks for any more serves again. */
const usualSeconds = 30;
const longestSeconds = 600;

/** What the operator asks a gate. All is in the address: there is no body to read. */
export function answerEndpoints(app: Express, { token, load, drain }: EndpointsOptions): void {
  app.get('/load', (_, response) => void answer(response, async () => ({ routes: await load() })));
  app.post('/drain/:namespace/:machine', (request, response) => {
    const refusal = refusalOf(request, token);
    const seconds = secondsOf(request.query.seconds);
    const { namespace, machine } = request.params;
    if (refusal) refuse(response, ...refusal);
    else if (seconds === undefined) refuse(response, 400, `seconds must be a whole number from 0 to ${longestSeconds}`);
    else void answer(response, () => drain(namespace, machine, seconds));
  });
}

async function answer(response: Response, what: () => Promise<object>): Promise<void> {
  try {
    response.json(await what());
  } catch (error) {
    refuse(response, 503, `HAProxy cannot be asked: ${(error as Error).message}`);
  }
}

function refusalOf(request: Request, token: string | undefined): [status: number, why: string] | undefined {
  if (token === undefined) return [403, 'this gate has no AIRFIELD_GATE_TOKEN, so nobody may ask it for a drain'];
  const given = /^Bearer (\S+)$/.exec(request.get('authorization') ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token))
    ? undefined
    : [401, 'send `Authorization: Bearer` and the token'];
}

function secondsOf(text: unknown): number | undefined {
  if (text === undefined) return usualSeconds;
  const seconds = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= longestSeconds ? seconds : undefined;
}

const refuse = (response: Response, status: number, why: string) => void response.status(status).json({ problem: why });
const digest = (text: string) => createHash('sha256').update(text).digest();
