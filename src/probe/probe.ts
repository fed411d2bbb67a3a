import type { Attempt } from './attempt.ts';
import { askHttp } from './http.ts';
import { failure } from './outcome.ts';
import { connectTcp } from './tcp.ts';

const longestMs = 60_000;

/**
 * Asks a machine once, on a connection of its own. Never rejects, never follows a redirect, and says nothing of what the
 * machine answered but its status code.
 */
export const probe: Attempt = async (target, question, signal) => {
  const timeoutMs = Math.min(question.timeoutMs, longestMs);
  const ended = new AbortController();
  const end = () => ended.abort();
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const attempt = question.type === 'http' ? askHttp : connectTcp;
    return await attempt(target, { ...question, timeoutMs }, ended.signal);
  } catch (error) {
    // What cannot be sent at all is refused by Node before there is a connection.
    return failure(error, { isConnected: false, timeoutMs });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
};
