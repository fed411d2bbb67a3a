import { assemble, type Line } from './assembly.ts';

/**
 * The stop program in x86-64. A system call has its number in eax, its arguments in rdi and rsi, and answers in eax with
 * 0 or a negative errno. The program keeps the signal in ebx. In the code of a jump, `..` is a byte of the distance.
 */
const lines: readonly Line[] = [
  // Linux starts a program with argc, argv[0], argv[1], argv[2] and a null on the stack.
  ['83 3c 24 03', 'cmp dword ptr [rsp], 3'],
  ['75 ..', 'jne', 'fail'],
  ['48 8b 74 24 10', 'mov rsi, [rsp + 16]'],
  ['e8 .. .. .. ..', 'call', 'number'],
  ['89 c3', 'mov ebx, eax'],
  ['48 8b 74 24 18', 'mov rsi, [rsp + 24]'],
  ['e8 .. .. .. ..', 'call', 'number'],
  // A timespec on the stack: seconds below nanoseconds.
  ['6a 00', 'push 0'],
  ['50', 'push rax'],

  'sleep', // nanosleep(timespec, null)
  ['b8 23 00 00 00', 'mov eax, 35'],
  ['48 89 e7', 'mov rdi, rsp'],
  ['31 f6', 'xor esi, esi'],
  ['0f 05', 'syscall'],
  // kill(1, signal)
  ['b8 3e 00 00 00', 'mov eax, 62'],
  ['bf 01 00 00 00', 'mov edi, 1'],
  ['89 de', 'mov esi, ebx'],
  ['0f 05', 'syscall'],
  ['85 c0', 'test eax, eax'],
  ['75 ..', 'jne', 'refused'],
  // From now on signal 0, which only asks whether the process is there, every 50,000,000 ns.
  ['31 db', 'xor ebx, ebx'],
  ['48 c7 04 24 00 00 00 00', 'mov qword ptr [rsp], 0'],
  ['48 c7 44 24 08 80 f0 fa 02', 'mov qword ptr [rsp + 8], 50000000'],
  ['eb ..', 'jmp', 'sleep'],

  'refused', // -3 is -ESRCH: the process has ended.
  ['83 f8 fd', 'cmp eax, -3'],
  ['75 ..', 'jne', 'fail'],
  ['31 ff', 'xor edi, edi'],
  ['eb ..', 'jmp', 'exit'],

  'fail',
  ['bf 01 00 00 00', 'mov edi, 1'],

  'exit', // exit(edi)
  ['b8 3c 00 00 00', 'mov eax, 60'],
  ['0f 05', 'syscall'],

  'number', // eax = the decimal number at rsi, below 2^20
  ['31 c0', 'xor eax, eax'],

  'digit',
  ['0f b6 0e', 'movzx ecx, byte ptr [rsi]'],
  ['83 e9 30', "sub ecx, '0'"],
  ['83 f9 09', 'cmp ecx, 9'],
  ['77 ..', 'ja', 'fail'],
  ['6b c0 0a', 'imul eax, eax, 10'],
  ['01 c8', 'add eax, ecx'],
  ['3d ff ff 0f 00', 'cmp eax, 0xfffff'],
  ['77 ..', 'ja', 'fail'],
  ['48 ff c6', 'inc rsi'],
  ['80 3e 00', 'cmp byte ptr [rsi], 0'],
  ['75 ..', 'jne', 'digit'],
  ['c3', 'ret'],
];

export const stopAmd64 = (): Uint8Array => assemble(lines, encode);

/** A distance counts from the end of its jump and stands there, little-endian. */
function encode(code: string, distance: number): Uint8Array {
  const bytes = code.split(' ');
  const known = bytes.filter((byte) => byte !== '..');
  const relative = distance - bytes.length;
  return Uint8Array.from(bytes, (byte, index) =>
    byte === '..' ? (relative >> (8 * (index - known.length))) & 0xff : Number.parseInt(byte, 16),
  );
}
