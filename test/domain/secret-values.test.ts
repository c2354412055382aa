import { describe, expect, it } from "vitest";
import { withoutValues } from "../../domain/secret-values.ts";

const secret = 'pa"ss café/+\\canary';
const encoded = (text: string, as: BufferEncoding) => Buffer.from(text).toString(as);

describe("a text without the values of secrets", () => {
  it.each([
    ["as they are", `login with ${secret} failed`, "login with [masked] failed"],
    ["in JSON", `body ${JSON.stringify({ key: secret })}`, 'body {"key":"[masked]"}'],
    ["in a URL", `GET /?key=${encodeURIComponent(secret)}&x=1`, "GET /?key=[masked]&x=1"],
    ["in JSON in JSON", JSON.stringify({ body: JSON.stringify({ key: secret }) }), '{"body":"{\\"key\\":\\"[masked]\\"}"}'],
    ["in JSON of nothing but ASCII", `body {"key":"pa\\"ss caf\\u00e9/+\\\\canary"}`, 'body {"key":"[masked]"}'],
    ["in JSON with slashes escaped", `"pa\\"ss café\\/+\\\\canary"`, '"[masked]"'],
    ["in single quotes", `'pa"ss café/+\\\\canary'`, "'[masked]'"],
    ["in a form", `key=${new URLSearchParams({ secret }).toString().slice("secret=".length)}&x=1`, "key=[masked]&x=1"],
    ["in hexadecimal", `key ${encoded(secret, "hex")}.`, "key [masked]."],
  ])("has none of them %s", (_, text, expected) => {
    expect(withoutValues(text, [secret])).toBe(expected);
  });

  it.each(["", "a", "ab", "abc"])("has none in base64, also as a part of something longer (after %j)", (before) => {
    for (const as of ["base64", "base64url"] as const) {
      const text = encoded(`${before}${secret}:end`, as);
      const left = withoutValues(text, [secret]);
      expect(left).toContain("[masked]");
      // But for characters that it shares with its neighbours.
      expect(left.replace("[masked]", "").length).toBeLessThanOrEqual(text.length - Math.floor((Buffer.byteLength(secret) * 4) / 3) + 2);
    }
  });

  it("has no line of a value of several", () => {
    const key = "first line of a key\nsecond line of a key\n--";
    expect(withoutValues("a\nsecond line of a key\nb --", [key])).toBe("a\n[masked]\nb --");
    expect(withoutValues(`it is ${key}`, [key])).toBe("it is [masked]");
  });

  it("has nothing of a value over which it was cut, at either end and where it says that it was", () => {
    const long = "x".repeat(600);
    for (let length = 6; length < secret.length; length++) {
      const [beginning, end] = [secret.slice(0, length), secret.slice(-length)];
      expect(withoutValues(`${long} ${beginning}`, [secret])).toBe(`${long} [masked]`);
      expect(withoutValues(`${end} ${long}`, [secret])).toBe(`[masked] ${long}`);
      expect(withoutValues(`is ${beginning}…, expected 1`, [secret])).toBe("is [masked]…, expected 1");
      expect(withoutValues(`…${end} is found`, [secret])).toBe("…[masked] is found");
    }
  });

  it("keeps the end of a text that nothing has cut", () => {
    expect(withoutValues("ready: postgres", ["postgres://somebody@host"])).toBe("ready: postgres");
  });

  it("has short values only where they stand alone", () => {
    expect(withoutValues("port 80, 8080 and 80%", ["80"])).toBe("port [masked], 8080 and [masked]%");
    expect(withoutValues("a*b a.b", ["a*b"])).toBe("[masked] a.b");
    expect(withoutValues("x a-b, y-a-bc and -1", ["a-b", "-1"])).toBe("x [masked], y-a-bc and [masked]");
  });

  it("has the longer of two values masked whole, and is as it was without any", () => {
    expect(withoutValues("secret-one-two", ["secret-one", "secret-one-two"])).toBe("[masked]");
    expect(withoutValues("nothing here", [])).toBe("nothing here");
    expect(withoutValues("nothing here", [""])).toBe("nothing here");
    expect(withoutValues("lone \ud800", ["\ud800\ud800x"])).toBe("lone \ud800");
  });
});
