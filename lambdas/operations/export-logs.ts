import { createHash } from "node:crypto";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Component } from "../../domain/words.ts";
import type { LogExport, LogExports, StartExport } from "../ports/log-exports.ts";
import type { Clock, NewId } from "../ports/surroundings.ts";
import type { Repeatable } from "./idempotency.ts";

export interface ExportAsked {
  component?: Component | undefined;
  container_name?: string | undefined;
  /** Milliseconds since the epoch. */
  since: number | undefined;
  until: number | undefined;
}

export interface ExportView extends Omit<LogExport, "request_hash"> {
  id: string;
  /** null until it is there. */
  url: string | null;
  expires_at: string | null;
}

/** Longer than the function that writes it may run: it has died without a word. */
const longestMilliseconds = 16 * 60_000;

/** Begins to write all of a deployment's lines into a file. */
export async function beginExport(
  { exports, start, clock, newId }: { exports: LogExports; start: StartExport; clock: Clock; newId: NewId },
  head: Head,
  { component, container_name, since, until }: ExportAsked,
  repeatable: Repeatable | undefined,
): Promise<ExportView> {
  const id = repeatable ? idOf(repeatable) : newId();
  const earlier = repeatable && (await exports.get(head.uid, id));
  if (earlier) return again(await getExport({ exports, clock }, head, id), earlier, repeatable);
  const started_at = new Date(clock.now()).toISOString();
  const request_hash = repeatable?.request_hash ?? null;
  const state: LogExport = { status: "RUNNING", started_at, ended_at: null, lines: 0, bytes: 0, message: "", request_hash };
  await exports.put(head.uid, id, state);
  const place = {
    ...{ cluster: head.place.cluster, namespace: head.place.namespace, deployment: { id: head.id, uid: head.uid } },
    ...{ component, revisions: null, from: since ?? Date.parse(head.created_at), until: until ?? clock.now() },
  };
  await start({ uid: head.uid, export_id: id, started_at, request_hash, place, container_name, is_deleted: head.deleted_at !== null });
  return view(id, state, null);
}

/** The same request of the same person has the same export: a ULID in form, made of who asked under which key. */
function idOf({ actor, key }: Repeatable): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([actor, key]))
    .digest();
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from(digest.subarray(0, 26), (byte, index) => digits[byte % (index === 0 ? 8 : 32)]).join("");
}

function again(found: ExportView, { request_hash }: LogExport, { key, request_hash: asked }: Repeatable): ExportView {
  if (request_hash === asked) return found;
  throw new Problem("idempotency-key-reused", `the Idempotency-Key ${key} was used for another export. Give each request a key of its own`);
}

function view(id: string, { request_hash: _, ...state }: LogExport, link: { url: string; expires_at: string } | null): ExportView {
  return { id, ...state, url: link?.url ?? null, expires_at: link?.expires_at ?? null };
}

/** Errors: `not-found`. */
export async function getExport({ exports, clock }: { exports: LogExports; clock: Clock }, head: Head, id: string): Promise<ExportView> {
  const state = await exports.get(head.uid, id);
  if (!state)
    throw new Problem(
      "not-found",
      `${head.id} has no export ${id}, or no more: they are kept for seven days. POST …/logs/exports makes one`,
    );
  const isDead = state.status === "RUNNING" && clock.now() - Date.parse(state.started_at) > longestMilliseconds;
  if (isDead) return view(id, { ...state, status: "FAILED", message: "it ended without a word. Ask for another one" }, null);
  return view(id, state, state.status === "SUCCEEDED" ? await exports.link(head.uid, id) : null);
}
