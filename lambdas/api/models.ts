import { once } from "../operations/idempotency.ts";
import type { Changing, Reading } from "../operations/installation.ts";
import { getModel, getModelVersion, listModels, listModelVersions } from "../operations/read-models.ts";
import { createModel, registerModelVersion } from "../operations/register-model.ts";
import { withRunningIn } from "../operations/running-in.ts";
import type { IdempotentAnswer } from "../ports/record.ts";
import type { Handlers } from "./dispatch.ts";

export function readModels(
  ports: Reading,
): Pick<Handlers<"ReadRecord">, "listModels" | "getModel" | "listModelVersions" | "getModelVersion"> {
  return {
    async listModels({ caller, query: { group, ...page } }) {
      return { status: 200, body: await listModels(ports, caller, group, page) };
    },
    async getModel({ caller, params: { group, name } }) {
      return { status: 200, body: await getModel(ports, caller, group, name) };
    },
    async listModelVersions({ caller, params: { group, name }, query }) {
      const { items, ...next } = await listModelVersions(ports, caller, group, name, query);
      return { status: 200, body: { items: await withRunningIn(ports.record, group, name, items), ...next } };
    },
    async getModelVersion({ caller, params: { group, name, version } }) {
      const [found] = await withRunningIn(ports.record, group, name, [await getModelVersion(ports, caller, group, name, version)]);
      return { status: 200, body: found };
    },
  };
}

export function changeModels(ports: Changing): Pick<Handlers<"ChangeRecord">, "createModel" | "registerModelVersion"> {
  return {
    createModel: ({ caller, body, repeatable }) =>
      once(
        ports.record,
        repeatable,
        async () => made(modelPath(body), await createModel(ports, caller, body, repeatable)),
        async ({ pointer }) => made(modelPath(names(pointer)), await getModel(ports, caller, names(pointer).group, names(pointer).name)),
      ),
    registerModelVersion: ({ caller, params, body, repeatable }) =>
      once(
        ports.record,
        repeatable,
        async () => {
          const version = await registerModelVersion(ports, caller, { ...params, ...body }, repeatable);
          return made(`${modelPath(params)}/versions/${version.version}`, version);
        },
        async ({ pointer }) => {
          const version = Number(pointer.version);
          const found = await getModelVersion(ports, caller, names(pointer).group, names(pointer).name, version);
          return made(`${modelPath(params)}/versions/${version}`, found);
        },
      ),
  };
}

interface ModelName {
  group: string;
  name: string;
}
const modelPath = ({ group, name }: ModelName) => `/v1/models/${group}/${name}`;
const names = (pointer: IdempotentAnswer["pointer"]): ModelName => ({ group: String(pointer.group), name: String(pointer.name) });
const made = (location: string, body: unknown): { status: 201; headers: Record<string, string>; body: unknown } => ({
  status: 201,
  headers: { location },
  body,
});
