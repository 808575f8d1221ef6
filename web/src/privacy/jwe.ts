/** Opens what the API sealed to this page: compact JWE, ECDH-ES (direct) on P-256 with A256GCM, as RFC 7516 and 7518 have it. */

const ALGORITHM = { name: "ECDH", namedCurve: "P-256" } as const;
const encoder = new TextEncoder();

/** The text inside a compact JWE. Rejects when it is not for this key, was changed, or uses another algorithm. */
export async function openSealed(sealed: string, privateKey: CryptoKey): Promise<string> {
  const parts = sealed.split(".");
  const [header, wrapped, iv, ciphertext, tag] = parts;
  if (parts.length !== 5 || !header || wrapped !== "" || !iv || ciphertext === undefined || !tag) {
    throw new Error("not a directly sealed message");
  }
  const fields = JSON.parse(new TextDecoder().decode(fromBase64Url(header))) as SealHeader;
  if (fields.alg !== "ECDH-ES" || fields.enc !== "A256GCM") throw new Error("sealed with an unknown algorithm");
  const key = await contentKey(fields, privateKey);
  const opened = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: fromBase64Url(iv), additionalData: encoder.encode(header), tagLength: 128 },
    key,
    joined(fromBase64Url(ciphertext), fromBase64Url(tag)),
  );
  return new TextDecoder().decode(opened);
}

interface SealHeader {
  readonly alg: string;
  readonly enc: string;
  readonly epk: JsonWebKey;
  readonly apu?: string;
  readonly apv?: string;
}

/** Agrees on the shared secret and derives the content key from it (Concat KDF of NIST SP 800-56A, one round of SHA-256). */
async function contentKey(header: SealHeader, privateKey: CryptoKey): Promise<CryptoKey> {
  const { kty, crv, x, y } = header.epk;
  const sender = await crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, ALGORITHM, false, []);
  const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: sender }, privateKey, 256));
  const info = joined(
    bigEndian(1),
    secret,
    lengthPrefixed(encoder.encode(header.enc)),
    lengthPrefixed(fromBase64Url(header.apu ?? "")),
    lengthPrefixed(fromBase64Url(header.apv ?? "")),
    bigEndian(256),
  );
  const derived = await crypto.subtle.digest("SHA-256", info);
  return crypto.subtle.importKey("raw", derived, "AES-GCM", false, ["decrypt"]);
}

function bigEndian(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined(bigEndian(bytes.length), bytes);
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes of base64url text without padding. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Base64url text without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A key pair whose private half cannot leave the browser, and its public half as the API wants it in `Session-Key`. */
export async function makeSessionKey(): Promise<{ privateKey: CryptoKey; header: string }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { privateKey: pair.privateKey, header: toBase64Url(encoder.encode(JSON.stringify({ kty, crv, x, y }))) };
}
