// cspell:ignore enviroment acces smal onxx grup
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment } from "./image.ts";
import { create, input, notFound, Refusing, refuses } from "./refusals.ts";

let refusing: Refusing;
beforeAll(async () => {
  refusing = await Refusing.start();
});
afterAll(() => refusing?.stop());

const onnx = (more: object) => create({ predictor: { runtime: "onnx", model: { name: "scorer", version: 1 }, ...more } });

describe("a body that is not what it should be", () => {
  const large = { ...echoDeployment("new"), description: "x".repeat(256 * 1024) };
  refuses(
    () => refusing,
    [
      [
        "an unknown field is named with the nearest known one",
        "POST /v1/deployments",
        create({ enviroment: "staging" }),
        input(/enviroment.*did you mean "environment"\?/, { path: "enviroment" }),
      ],
      [
        "also deep in the body",
        "POST /v1/deployments",
        create({ predictor: { image: "test/echo:1", scaling_config: { min_replica: 1 } } }),
        input(/did you mean "min_replicas"\?/, { path: "predictor.scaling_config.min_replica" }),
      ],
      [
        "a wrong type",
        "POST /v1/deployments",
        create({ predictor: { image: 7 } }),
        input(/expected string/, { path: "predictor.image", given: 7 }),
      ],
      [
        "several faults at once",
        "POST /v1/deployments",
        create({ group: null, start: "yes" }),
        input(/group: .*start: /, { path: "group" }, { path: "start" }),
      ],
      ["a missing field", "POST /v1/deployments", { body: { group: "demo" } }, input(/name: missing.*environment: missing/)],
      ["a list", "POST /v1/deployments", { body: [] }, input(/expected object/)],
      ["null", "POST /v1/deployments", { body: "null" }, input(/./)],
      ["none", "POST /v1/deployments", {}, input(/missing/)],
      ["an illegal id", "POST /v1/deployments", create({ id: "Not_legal" }), input(/id: .*lower-case/, { path: "id", given: "Not_legal" })],
      ["an illegal group", "POST /v1/models", { body: { group: "A", name: "fine" } }, input(/group/, { path: "group" })],
      ["an illegal name of a model", "POST /v1/models", { body: { group: "demo", name: "no blanks" } }, input(/name/, { path: "name" })],
      ["a name of blanks", "POST /v1/deployments", create({ name: "  " }), input(/a name is needed/)],
      [
        "an access that there is not",
        "POST /v1/deployments",
        create({ access: "secret" }),
        input(/public/, { path: "access", given: "secret" }),
      ],
      ["broken JSON", "POST /v1/deployments", { body: '{"group": "demo",' }, input(/not JSON/)],
      [
        "another content type",
        "POST /v1/deployments",
        { body: "group=demo", headers: { "content-type": "application/x-www-form-urlencoded" } },
        input(/must be application\/json.*x-www-form-urlencoded/),
      ],
      [
        "JSON under another content type",
        "POST /v1/deployments",
        { ...create({}), headers: { "content-type": "application/octet-stream" } },
        input(/must be application\/json/),
      ],
      ["more than 256 KB", "POST /v1/deployments", { body: large }, { status: 413, code: "too-large", says: /262144 bytes/ }],
      ["a body where none is taken", "POST /v1/deployments/there/start", { body: { now: true } }, input(/takes no body/)],
      ["a patch of what never changes", "PATCH /v1/deployments/there", { body: { group: "fraud" } }, input(/group never changes/)],
      ["a patch with an unknown field", "PATCH /v1/deployments/there", { body: { acces: "public" } }, input(/did you mean "access"\?/)],
      [
        "a key that DynamoDB's SDK would take for a type",
        "POST /v1/models",
        { body: { group: "demo", name: "typed", constructor: { name: "Set" } } },
        input(/cannot be stored: constructor/),
      ],
      ["a patch that is a list", "PATCH /v1/deployments/there", { body: [1] }, input(/./)],
    ],
  );

  it("a name that JavaScript knows is a name like any other", async () => {
    const metadata = { constructor: "Ferrari", toString: "a", hasOwnProperty: "b" };
    const body = echoDeployment("known-names", { start: false, metadata });
    expect((await refusing.system.call("POST", "/v1/deployments", { body })).status).toBe(201);
    expect((await refusing.system.call("GET", "/v1/deployments/known-names")).body.specification.metadata).toEqual(metadata);
  });

  it("a secret is never repeated", async () => {
    const body = { ...echoDeployment("new"), predictor: { image: "test/echo:1", env: [{ name: "A", value: 5309, secret: "hunter2" }] } };
    const { status, body: answer } = await refusing.system.call("POST", "/v1/deployments", { body });
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|5309/);
    expect(refusing.system.output).not.toMatch(/hunter2|5309/);
  });
});

describe("a name of something that does not exist", () => {
  refuses(
    () => refusing,
    [
      ["a group", "POST /v1/deployments", create({ group: "nowhere" }), notFound(/no group nowhere/)],
      [
        "a group, by a platform admin's typing error",
        "POST /v1/deployments",
        { ...create({ group: "nowhere" }), as: "admin" },
        notFound(/no group nowhere/),
      ],
      ["a group of a model", "POST /v1/models", { body: { group: "nowhere", name: "fine" } }, notFound(/no group nowhere/)],
      ["an environment", "POST /v1/deployments", create({ environment: "moon" }), input(/staging, production/, { path: "environment" })],
      [
        "a model",
        "POST /v1/deployments",
        onnx({ model: { name: "score", version: 1 } }),
        input(/demo has no model/, { path: "predictor.model.name" }),
      ],
      [
        "a version",
        "POST /v1/deployments",
        onnx({ model: { name: "scorer", version: 7 } }),
        input(/its newest is 1/, { path: "predictor.model.version", given: 7 }),
      ],
      [
        "a version of a model without any",
        "POST /v1/deployments",
        onnx({ model: { name: "empty", version: 1 } }),
        input(/no versions yet/),
      ],
      ["an instance type", "POST /v1/deployments", onnx({ instance_type: "cpu.smal" }), input(/cpu\.small/, { given: "cpu.smal" })],
      ["a runtime", "POST /v1/deployments", onnx({ runtime: "onxx" }), input(/onnx/, { path: "predictor.runtime", given: "onxx" })],
      ["a deployment", "GET /v1/deployments/nothing", {}, notFound(/no deployment nothing/)],
      ["a deployment to start", "POST /v1/deployments/nothing/start", {}, notFound(/no deployment nothing/)],
      ["an id that cannot be one", "GET /v1/deployments/Not_legal", {}, input(/id/)],
      ["an operation", "GET /v1/operations/01ARZ3NDEKTSV4RRFFQ69G5FAV", {}, notFound(/no operation/)],
      ["a revision", "GET /v1/deployments/there/revisions/9", {}, notFound(/revision 9/)],
      ["a model to read", "GET /v1/models/demo/nothing", {}, notFound(/no model/)],
      ["a version to register", "POST /v1/models/demo/nothing/versions", { body: { artifact_uri: "s3://models/x" } }, notFound(/no model/)],
      ["a query parameter", "GET /v1/deployments?grup=demo", {}, input(/did you mean "group"\?/)],
      ["a cursor", "GET /v1/deployments?cursor=forged", {}, input(/cursor/)],
      ["a route", "GET /v1/deploymens", {}, notFound(/no route GET \/v1\/deploymens\. GET \/v1\/openapi\.json/)],
      ["a route outside", "GET /", { as: null }, notFound(/no route GET \//)],
      ["a route, with a body that is too large", "POST /v1/nothing", { body: large() }, notFound(/no route/)],
      ["a method", "PUT /v1/deployments", { body: {} }, notFound(/does not take PUT: it takes GET, POST/)],
      ["a method of one deployment", "POST /v1/deployments/there", { body: {} }, notFound(/it takes GET, PATCH, DELETE/)],
    ],
  );

  function large() {
    return "x".repeat(300 * 1024);
  }
});

describe("what is taken, or not possible now", () => {
  refuses(
    () => refusing,
    [
      ["an id", "POST /v1/deployments", { body: echoDeployment("there") }, { status: 409, code: "name-taken", more: { id: "there" } }],
      [
        "an id, by another group",
        "POST /v1/deployments",
        { body: { ...echoDeployment("there"), group: "fraud" } },
        { status: 409, code: "name-taken" },
      ],
      [
        "an id, with a secret",
        "POST /v1/deployments",
        { body: echoDeployment("there", { predictor: { image: "test/echo:1", env: [{ name: "A", value: "b", secret: true }] } }) },
        { status: 409, code: "name-taken" },
      ],
      ["a model", "POST /v1/models", { body: { group: "demo", name: "scorer" } }, { status: 409, code: "name-taken" }],
      [
        "stop before the first start",
        "POST /v1/deployments/there/stop",
        {},
        { status: 409, code: "not-allowed-in-status", more: { deployment_status: "CREATED", allowed: ["start", "update", "delete"] } },
      ],
      ["restart before the first start", "POST /v1/deployments/there/restart", {}, { status: 409, code: "not-allowed-in-status" }],
      ["delete without the name", "DELETE /v1/deployments/there", {}, input(/type the deployment's name/)],
      ["delete with another name", "DELETE /v1/deployments/there?name=hidden", {}, input(/name/)],
      [
        "a change of what has moved since",
        "PATCH /v1/deployments/there",
        { body: { description: "new" }, headers: { "if-match": '"7"' } },
        { status: 412, code: "version-moved", more: { version: 1 } },
      ],
      [
        "a start of what has moved since",
        "POST /v1/deployments/there/start",
        { headers: { "if-match": '"0"' } },
        { status: 412, code: "version-moved" },
      ],
      ["an If-Match that is no version", "POST /v1/deployments/there/start", { headers: { "if-match": "seven" } }, input(/If-Match/)],
      [
        "an Idempotency-Key that is too long",
        "POST /v1/models",
        { body: { group: "demo", name: "mine" }, headers: { "idempotency-key": "k".repeat(129) } },
        input(/128/),
      ],
    ],
  );
});
