import { seconds } from '../api/duration.ts';
import type { Route } from '../api/route.ts';
import { time } from './words.ts';

/** Time without a byte after which it ends, as HAProxy wants it. `otherwise`: in seconds. */
export function idleTime({ http }: Route, otherwise = 60): string {
  return time(http.idleTimeout ? seconds(http.idleTimeout) : otherwise);
}

/** What a client of http gets on a listener. */
export function httpTimes(route: Route): string[] {
  return [`timeout client ${idleTime(route)}`, `timeout http-request ${time(seconds(route.http.headersReadTimeout))}`];
}
