import * as z from "zod";
import { components, conditionStatuses, conditionTypes, slotNames } from "../../domain/words.ts";

export const at = z.iso.datetime({ precision: 3 });
export const count = z.int().min(0);
export const text = z.string();
export const strict = z.strictObject;
export const slot = z.enum(slotNames);
export const component = z.enum(components);
export const bySlot = <T extends z.ZodType>(schema: T) => strict({ blue: schema, green: schema });
export const cause = strict({ reason: text, message: text });
export const condition = strict({ type: z.enum(conditionTypes), status: z.enum(conditionStatuses), reason: text, message: text, at });
export const loose = z.record(text, z.unknown());
export const list = <T extends z.ZodType>(item: T) => strict({ items: z.array(item) });
export const paged = <T extends z.ZodType>(item: T) => strict({ items: z.array(item), next_cursor: text.optional() });
