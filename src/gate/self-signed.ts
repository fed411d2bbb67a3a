import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A name that nobody asks for (RFC 6761). */
export const nobody = 'airfield.invalid';

const tag = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, text: 0x0c, time: 0x18, list: 0x30, set: 0x31 };
const version3 = der(0xa0, der(tag.integer, Buffer.of(2)));
/** ecdsa-with-SHA256. */
const algorithm = der(tag.list, oid('2a8648ce3d040302'));
const commonName = der(tag.list, oid('550403'), der(tag.text, Buffer.from(nobody)));
const name = der(tag.list, der(tag.set, commonName));
/** Programs that know no certificates of version 1 want this name, too. */
const alternativeName = der(tag.list, oid('551d11'), der(tag.octets, der(tag.list, der(0x82, Buffer.from(nobody)))));

/** Key and certificate in PEM, for clients that do not ask who signed it: Node makes keys, but no certificates. For ten years. */
export function selfSigned(now: Date): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const content = toBeSigned(publicKey, now);
  const signature = der(tag.bits, Buffer.of(0), sign('sha256', content, privateKey));
  const certificate = der(tag.list, content, algorithm, signature).toString('base64');
  const lines = certificate.match(/.{1,64}/g) ?? [];
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return `${key}-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** RFC 5280, section 4.1. */
function toBeSigned(publicKey: KeyObject, now: Date): Buffer {
  const until = new Date(now);
  until.setUTCFullYear(now.getUTCFullYear() + 10);
  const validity = der(tag.list, time(now), time(until));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const extensions = der(0xa3, der(tag.list, alternativeName));
  const serial = der(tag.integer, Buffer.of(1));
  return der(tag.list, version3, serial, algorithm, name, validity, name, key, extensions);
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\..*/g, '');
  return der(tag.time, Buffer.from(`${digits}Z`));
}

function oid(hex: string): Buffer {
  return der(tag.oid, Buffer.from(hex, 'hex'));
}

/** One element of DER: tag, length, content. */
function der(kind: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(kind, ...head), content]);
}
