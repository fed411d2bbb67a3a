/** `e_machine` of the architectures that Linux nodes have, by Go's and so Kubernetes's name for them. */
export const elfMachine = { amd64: 62, arm64: 183 } as const;

export type Architecture = keyof typeof elfMachine;

const fileHeaderSize = 64;
const programHeaderSize = 56;
const codeOffset = fileHeaderSize + programHeaderSize;
const address = 0x400000n;
/** arm64 kernels have pages of 4, 16 or 64 KiB; what is aligned for the largest is aligned for all. */
const largestPage = 0x10000n;

/**
 * A 64-bit little-endian ELF executable that starts at the first byte of `code`. It is static: one segment, which may be
 * read and executed and holds the whole file, and neither sections nor an interpreter. Field names are those of elf(5).
 */
export function elfExecutable(architecture: Architecture, code: Uint8Array): Uint8Array {
  const file = new Uint8Array(codeOffset + code.length);
  const view = new DataView(file.buffer);
  const half = (offset: number, value: number) => view.setUint16(offset, value, true);
  const word = (offset: number, value: number) => view.setUint32(offset, value, true);
  const xword = (offset: number, value: bigint) => view.setBigUint64(offset, value, true);

  file.set([0x7f, 0x45, 0x4c, 0x46]); // e_ident: 0x7f "ELF"
  file.set([2, 1, 1], 4); // e_ident: ELFCLASS64, ELFDATA2LSB, EV_CURRENT
  half(16, 2); // e_type: ET_EXEC
  half(18, elfMachine[architecture]); // e_machine
  word(20, 1); // e_version: EV_CURRENT
  xword(24, address + BigInt(codeOffset)); // e_entry
  xword(32, BigInt(fileHeaderSize)); // e_phoff
  half(52, fileHeaderSize); // e_ehsize
  half(54, programHeaderSize); // e_phentsize
  half(56, 1); // e_phnum

  word(fileHeaderSize, 1); // p_type: PT_LOAD
  word(fileHeaderSize + 4, 5); // p_flags: PF_R | PF_X
  xword(fileHeaderSize + 16, address); // p_vaddr
  xword(fileHeaderSize + 24, address); // p_paddr
  xword(fileHeaderSize + 32, BigInt(file.length)); // p_filesz
  xword(fileHeaderSize + 40, BigInt(file.length)); // p_memsz
  xword(fileHeaderSize + 48, largestPage); // p_align

  file.set(code, codeOffset);
  return file;
}
