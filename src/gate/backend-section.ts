import { seconds } from '../api/duration.ts';
import type { Route } from '../api/route.ts';
import type { ConfigFiles } from './config-files.ts';
import { handover } from './handover.ts';
import { compression, responseRules } from './http-rules.ts';
import type { Server } from './machine.ts';
import { anyAddress } from './own-servers.ts';
import { routeName } from './route-name.ts';
import { idleTime } from './route-times.ts';
import { serverLine, serverOptions } from './server-line.ts';
import { time } from './words.ts';

/** The backend of a route, with the machines that it starts with. Those with a limit get nothing before room.ts says how much. */
export function backend(route: Route, servers: readonly Server[], files: ConfigFiles): string[] {
  const isHttp = route.mode === 'http';
  const isLimited = route.concurrency.hardLimit !== undefined;
  return [
    `backend ${routeName(route)} from ${route.mode}-backend`,
    ...[
      `timeout queue ${time(seconds(route.hold.time))}`,
      ...(isHttp ? [`timeout server ${idleTime(route)}`, `timeout tunnel ${idleTime(route, 3600)}`] : []),
      ...(isHttp ? responseRules(route) : []),
      ...(isHttp && route.http.compress ? compression : []),
      ...(isHttp && isLimited && route.concurrency.type === 'connections' ? eachItsOwn : []),
      ...(isLimited ? [fullQueue(route), ...handover(route, files)] : []),
      ...(isHttp ? ['use-server %[var(txn.machine)] if { var(txn.machine) -m found }'] : []),
      ...(isLimited ? [] : toldAddress(route)),
      ...servers
        .filter(({ leaving }) => !leaving)
        .map((server) => `server ${serverLine(route, server)}${isLimited ? ' disabled' : ''}`),
    ].map((line) => `  ${line}`),
  ];
}

function toldAddress(route: Route): string[] {
  return [
    `use-server ${anyAddress} if { var(txn.address) -m found }`,
    `server ${anyAddress} 0.0.0.0:0 weight 0 ${serverOptions(route)}`.trimEnd(),
  ];
}

/** As on Fly, a limit of connections is kept by not sharing them: each request has one that is closed behind it. */
const eachItsOwn = ['option http-server-close', 'http-reuse never'];

function fullQueue({ mode, hold }: Route): string {
  const isFull = `if { queue ge ${hold.number} } !{ stopping }`;
  return mode === 'tcp'
    ? `tcp-request content reject ${isFull}`
    : `http-request return status 503 content-type text/plain hdr Retry-After 5 string "all machines of this App are at their hardLimit: try again\\n" ${isFull}`;
}
