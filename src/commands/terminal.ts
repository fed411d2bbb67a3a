import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Gives a text a colour, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const unpainted: Paint = (_, text) => text;
export const painted: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** A pipe and a file are no terminal; `hasColors` knows NO_COLOR and TERM. */
export function isColourful(stream: NodeJS.WriteStream): boolean {
  return Boolean(stream.isTTY && stream.hasColors());
}

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return isColourful(stream) ? painted : unpainted;
}
