import * as z from 'zod';
import { anyText, rules } from './scalars.ts';

/** What Kubernetes sends with a probe: k8s.io/apimachinery, util/validation, IsHTTPHeaderName. */
export const requestHeaderName = /^[-A-Za-z0-9]{1,253}$/;

/** A token of RFC 9110, section 5.6.2. Names have a bound for the sake of YAML, as those of variables. */
export const responseHeaderName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** Header fields that belong to the connection, not to the App: setting one would break, or split, the answer. */
export const ofTheConnection =
  /^(connection|content-length|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

export const requestHeaders = () =>
  z.record(z.string(), anyText(4096)).meta(
    rules({
      rule: `self.all(k, k.matches('${requestHeaderName.source}'))`,
      message: 'the name of a header of a check has up to 253 letters, digits and `-`',
    }),
  );

/** To set in answers; an empty list removes one. */
export const responseHeaders = () =>
  z.record(z.string(), z.array(anyText(4096)).max(16)).meta(
    rules(
      {
        rule: `self.all(k, k.matches(r"${responseHeaderName.source}"))`,
        message: 'the name of a header has up to 128 letters, digits and dashes',
      },
      {
        rule: `self.all(k, !k.matches('(?i)${ofTheConnection.source}'))`,
        message:
          'a header of the connection cannot be changed (Connection, Content-Length, Transfer-Encoding): remove it',
      },
    ),
  );
