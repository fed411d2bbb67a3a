/** Run within an operator before itself: keeps each object that it applies, a line of JSON each, in the file that RECORDED_IN names. */
import { appendFileSync } from 'node:fs';
import https from 'node:https';

const send = https.request;

https.request = ((url: URL, options: https.RequestOptions) => {
  const request = send(url, options);
  if (options.method !== 'PATCH') return request;
  const end = request.end.bind(request) as (body: Buffer) => typeof request;
  request.end = ((body: Buffer) => {
    appendFileSync(process.env.RECORDED_IN ?? '', `${body}\n`);
    return end(body);
  }) as typeof request.end;
  return request;
}) as typeof https.request;
