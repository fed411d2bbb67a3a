import { assemble, type Line } from './assembly.ts';

/**
 * The stop program in AArch64. A system call has its number in x8, its arguments in x0 and x1, and answers in x0 with 0
 * or a negative errno. The program keeps the signal in x19. Jumps have a distance of 0 in their code.
 */
const lines: readonly Line[] = [
  // Linux starts a program with argc, argv[0], argv[1], argv[2] and a null on the stack.
  ['f94003e0', 'ldr x0, [sp]'],
  ['f1000c1f', 'cmp x0, #3'],
  ['54000001', 'b.ne', 'fail'],
  ['f9400be1', 'ldr x1, [sp, #16]'],
  ['94000000', 'bl', 'number'],
  ['aa0003f3', 'mov x19, x0'],
  ['f9400fe1', 'ldr x1, [sp, #24]'],
  ['94000000', 'bl', 'number'],
  // A timespec on the stack: seconds below nanoseconds.
  ['a9bf7fe0', 'stp x0, xzr, [sp, #-16]!'],

  'sleep', // nanosleep(timespec, null)
  ['d2800ca8', 'mov x8, #101'],
  ['910003e0', 'mov x0, sp'],
  ['d2800001', 'mov x1, #0'],
  ['d4000001', 'svc #0'],
  // kill(1, signal)
  ['d2801028', 'mov x8, #129'],
  ['d2800020', 'mov x0, #1'],
  ['aa1303e1', 'mov x1, x19'],
  ['d4000001', 'svc #0'],
  ['b5000000', 'cbnz x0', 'refused'],
  // From now on signal 0, which only asks whether the process is there, every 50,000,000 = 0x2faf080 ns.
  ['d2800013', 'mov x19, #0'],
  ['d29e1001', 'mov x1, #0xf080'],
  ['f2a05f41', 'movk x1, #0x2fa, lsl #16'],
  ['a90007ff', 'stp xzr, x1, [sp]'],
  ['14000000', 'b', 'sleep'],

  'refused', // -3 is -ESRCH: the process has ended.
  ['b1000c1f', 'cmn x0, #3'],
  ['54000001', 'b.ne', 'fail'],
  ['d2800000', 'mov x0, #0'],
  ['14000000', 'b', 'exit'],

  'fail',
  ['d2800020', 'mov x0, #1'],

  'exit', // exit(x0)
  ['d2800ba8', 'mov x8, #93'],
  ['d4000001', 'svc #0'],

  'number', // x0 = the decimal number at x1, below 2^20
  ['d2800000', 'mov x0, #0'],
  ['d2800143', 'mov x3, #10'],

  'digit',
  ['38401422', 'ldrb w2, [x1], #1'],
  ['5100c042', "sub w2, w2, #'0'"],
  ['7100245f', 'cmp w2, #9'],
  ['54000008', 'b.hi', 'fail'],
  ['9b030800', 'madd x0, x0, x3, x2'],
  ['d354fc04', 'lsr x4, x0, #20'],
  ['b5000004', 'cbnz x4', 'fail'],
  ['39400022', 'ldrb w2, [x1]'],
  ['35000002', 'cbnz w2', 'digit'],
  ['d65f03c0', 'ret'],
];

export const stopArm64 = (): Uint8Array => assemble(lines, encode);

/** A distance counts in words: `b` and `bl` have it in bits 0 to 25, conditional jumps in bits 5 to 23. */
function encode(code: string, distance: number): Uint8Array {
  const word = Number.parseInt(code, 16);
  const isUnconditional = ((word >>> 26) & 0b11111) === 0b00101;
  const words = distance / 4;
  const bytes = new Uint8Array(4);
  const field = isUnconditional ? words & 0x3ffffff : (words & 0x7ffff) << 5;
  new DataView(bytes.buffer).setUint32(0, word | field, true);
  return bytes;
}
