import { describe, expect, it } from "vitest";
import { masked, maskedWhole } from "../../domain/masking.ts";

describe("what a program prints of its secrets", () => {
  it.each([
    ["API_KEY=hunter2 loaded", "API_KEY=[masked] loaded"],
    ['{"db_password": "p\\"w", "port": 80}', '{"db_password": [masked], "port": 80}'],
    ["secret_token: abc, retrying", "secret_token: [masked], retrying"],
    ["Authorization: Bearer abcdefghijkl", "Authorization: Bearer [masked]"],
    [`using AKIA${"B".repeat(16)}`, "using [masked]"],
    ["jwt eyJ0000000000.eyJ1111111111.2222 end", "jwt [masked] end"],
    ["postgres://app:pw@db:5432/x", "postgres://app:[masked]@db:5432/x"],
    ["GET https://b.s3/x?X-Amz-Signature=0abc&y=1", "GET https://b.s3/x?X-Amz-Signature=[masked]&y=1"],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- after", "[masked] after"],
  ])("%s", (printed, kept) => {
    expect(masked(printed)).toBe(kept);
  });

  it("is masked wherever it stands in a document", () => {
    expect(maskedWhole({ lines: ["password=x"], status: { message: "token=y", code: 1 }, none: null })).toEqual({
      ...{ lines: ["password=[masked]"], status: { message: "token=[masked]", code: 1 }, none: null },
    });
  });
});

it.each([
  "SyntaxError: Unexpected token } in JSON at position 4",
  'secret "card-scorer-p1" not found',
  "couldn't find key API_KEY in Secret slipway-fraud/card",
  "no such model",
])("leaves alone what is none: %s", (text) => {
  expect(masked(text)).toBe(text);
});
