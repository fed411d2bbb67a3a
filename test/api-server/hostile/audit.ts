import { open } from 'node:fs/promises';

export interface Entry {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly resource: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
}

const writes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** What the operator writes, as the API server tells it. */
export class Audit {
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Since it was asked last. */
  async writes(): Promise<Entry[]> {
    const text = await this.#read();
    const entries = text.split('\n').filter((line) => line.includes('"airfield-operator'));
    return entries.map((line): Entry => JSON.parse(line)).filter(({ verb }) => writes.has(verb));
  }

  /** Whole lines; what is half written comes next time. */
  async #read(): Promise<string> {
    const file = await open(this.#path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(size - this.#offset),
        0,
        size - this.#offset,
        this.#offset,
      );
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      this.#offset += end;
      return buffer.toString('utf8', 0, end);
    } finally {
      await file.close();
    }
  }
}
