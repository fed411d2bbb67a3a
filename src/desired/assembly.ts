/**
 * A line of a program: a label, or an instruction with its machine code in hexadecimal, as the architecture's manual
 * writes it, and its mnemonic. A jump names the label it goes to; the distance is not yet in its code.
 */
export type Line = string | readonly [code: string, mnemonic: string, target?: string];

/** How an architecture writes an instruction. `distance` is in bytes, from its first byte to the target's; 0 without. */
export type Encode = (code: string, distance: number) => Uint8Array;

/** The bytes of a program, with the jumps resolved. Throws on a label that is not there. */
export function assemble(lines: readonly Line[], encode: Encode): Uint8Array {
  const labels = new Map<string, number>();
  let size = 0;
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, size);
    else size += encode(line[0], 0).length;
  }
  const program = new Uint8Array(size);
  let offset = 0;
  for (const line of lines) {
    if (typeof line === 'string') continue;
    const [code, , target] = line;
    const bytes = encode(code, target === undefined ? 0 : offsetOf(target, labels) - offset);
    program.set(bytes, offset);
    offset += bytes.length;
  }
  return program;
}

function offsetOf(label: string, labels: ReadonlyMap<string, number>): number {
  const offset = labels.get(label);
  if (offset === undefined) throw new Error(`no label ${label}`);
  return offset;
}
