// @vitest-environment node
import { CompactEncrypt, importJWK } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { fromBase64Url, makeSessionKey, openSealed, toBase64Url } from "./jwe";
import { IDLE_MS, SessionKey } from "./session-key";

const secret = JSON.stringify({ email: "ada@example.com", address: { name: "Ada Łovelace", city: "Köln" } });

async function sealTo(header: string, text = secret, parties: { apu?: string; apv?: string } = {}): Promise<string> {
  const jwk = JSON.parse(new TextDecoder().decode(fromBase64Url(header))) as Record<string, string>;
  const seal = new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" });
  const { apu, apv } = parties;
  if (apu || apv) seal.setKeyManagementParameters({ ...(apu ? { apu: new TextEncoder().encode(apu) } : {}), ...(apv ? { apv: new TextEncoder().encode(apv) } : {}) });
  return seal.encrypt(await importJWK(jwk, "ECDH-ES"));
}

describe("a sealed message", () => {
  it("is opened by the key that it was sealed to", async () => {
    const { privateKey, header } = await makeSessionKey();
    expect(await openSealed(await sealTo(header), privateKey)).toBe(secret);
    expect(await openSealed(await sealTo(header, secret, { apu: "shop", apv: "browser" }), privateKey)).toBe(secret);
  });

  it("is opened as the example of RFC 7518, appendix C derives its key", async () => {
    const bob = { kty: "EC", crv: "P-256", x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", d: "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw" };
    const key = await crypto.subtle.importKey("jwk", bob, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const { d: _, ...open } = bob;
    const sealed = await sealTo(toBase64Url(new TextEncoder().encode(JSON.stringify(open))), secret, { apu: "Alice", apv: "Bob" });
    expect(await openSealed(sealed, key)).toBe(secret);
  });

  it("stays shut to any other key, after any change, and in any other form", async () => {
    const { privateKey, header } = await makeSessionKey();
    const sealed = await sealTo(header);
    const parts = sealed.split(".");
    await expect(openSealed(sealed, (await makeSessionKey()).privateKey)).rejects.toThrow();
    await expect(openSealed([parts[0], "", parts[2], toBase64Url(new Uint8Array([1, 2, 3])), parts[4]].join("."), privateKey)).rejects.toThrow();
    await expect(openSealed("a.b.c", privateKey)).rejects.toThrow("not a directly sealed message");
    const other = toBase64Url(new TextEncoder().encode(JSON.stringify({ alg: "RSA-OAEP", enc: "A256GCM" })));
    await expect(openSealed([other, "", parts[2], parts[3], parts[4]].join("."), privateKey)).rejects.toThrow("unknown algorithm");
  });

  it("is sealed to a key whose private half cannot be taken out of the browser", async () => {
    const { privateKey, header } = await makeSessionKey();
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", privateKey)).rejects.toThrow();
    expect(Object.keys(JSON.parse(new TextDecoder().decode(fromBase64Url(header))) as object)).toEqual(["kty", "crv", "x", "y"]);
  });
});

describe("the session's key", () => {
  let now: number;
  let tasks: { at: number; task: () => void }[];
  let key: SessionKey;

  const pass = (ms: number) => {
    now += ms;
    const due = tasks.filter((one) => one.at <= now);
    tasks = tasks.filter((one) => one.at > now);
    for (const { task } of due) task();
  };

  beforeEach(() => {
    now = 1_000_000;
    tasks = [];
    key = new SessionKey({
      now: () => now,
      later: (task, ms) => {
        const entry = { at: now + ms, task };
        tasks.push(entry);
        return () => {
          tasks = tasks.filter((one) => one !== entry);
        };
      },
    });
  });

  it("stays the same for as long as someone is there", async () => {
    const first = await key.header();
    for (let minute = 0; minute < 40; minute += 1) {
      pass(60_000);
      key.noteActivity();
    }
    expect(await key.header()).toBe(first);
    expect(await key.open(await sealTo(first))).toBe(secret);
  });

  it("is void after 15 idle minutes: what it opened is hidden, and the next request has a new one", async () => {
    let told = 0;
    const stop = key.subscribe(() => {
      told += 1;
    });
    const first = await key.header();
    const sealed = await sealTo(first);
    pass(IDLE_MS - 1);
    expect(key.isLive()).toBe(true);
    pass(2_000);
    expect(key.isLive()).toBe(false);
    expect(told).toBe(2);
    await expect(key.open(sealed)).rejects.toThrow("lapsed");
    const second = await key.header();
    expect(second).not.toBe(first);
    await expect(key.open(sealed)).rejects.toThrow();
    stop();
  });

  it("does not come back to life because someone returns to a page that slept", async () => {
    const first = await key.header();
    now += IDLE_MS + 1;
    key.noteActivity();
    expect(key.isLive()).toBe(false);
    expect(await key.header()).not.toBe(first);
  });
});
