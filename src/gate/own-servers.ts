/** Servers in backends that are no machines. No machine's name begins with `_`. */

/** The server of a process that takes no others any more: it leads to the address that `hold` has been told. */
export const anyAddress = '_any';

/** The process that takes new connections, whichever that is. Only where there is a hardLimit. */
export const newestProcess = '_newest';

export const isMachine = (server: string): boolean => server !== anyAddress && server !== newestProcess;
