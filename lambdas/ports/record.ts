import type { Condition } from "../../domain/condition.ts";
import type { Annotation, Decision, Ending } from "../../domain/decision.ts";
import type { Card, Head, SlotRecord } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Model, ModelVersion, VersionSource } from "../../domain/model.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import type { Revision } from "../../domain/revision.ts";
import type { SlotName, Status } from "../../domain/words.ts";
import type { ClientReader } from "./clients.ts";
import type { Page, PageRequest } from "./page.ts";
import type { ComponentSecrets } from "./secrets.ts";

/**
 * The record: what people and operations decided and what was seen. Every write is conditional; a lost race is a
 * `RecordConflict`, a write by an older epoch a `WorkflowError("StaleEpoch")`. Reads of a missing item give undefined.
 */
export interface RecordStore extends DeploymentReader, DeploymentWriter, ClientReader, OperationProgress, Registry, ClusterIndex {}

export type { Page, PageRequest } from "./page.ts";

/** What was decided about a deployment, and what was seen of it. */
export interface Standing {
  head: Head;
  observed: Observed | undefined;
}

export interface DeploymentReader {
  /**
   * The uid behind a deployment's id or uid; a deleted deployment's id leads to it until the id is taken again. Consistently
   * where it is asked for at once with what is read so: both are one request.
   */
  uidOf(idOrUid: string, consistently?: boolean): Promise<string | undefined>;
  /** Strongly consistent. */
  head(uid: string): Promise<Head | undefined>;
  /** HEAD and OBSERVED by one strongly consistent read. */
  standing(uid: string): Promise<Standing | undefined>;
  /**
   * HEAD and OBSERVED of an id or uid by one eventually consistent read of half a unit; whose an id is costs another half
   * the first time, which `isLookedUp` says.
   */
  state(idOrUid: string): Promise<(Standing & { isLookedUp: boolean }) | undefined>;
  observed(uid: string): Promise<Observed | undefined>;
  /**
   * What was seen, with the time until which it is known to have stayed so. Asks the table only when that may tell more, and
   * the last time was long enough ago; longer for who has paid for another read already.
   */
  stillSeen(head: Head, observed: Observed | undefined, hasPaid?: boolean): Promise<Observed | undefined>;
  revision(uid: string, revision: number): Promise<Revision | undefined>;
  /** Newest first. */
  revisions(uid: string, page: PageRequest): Promise<Page<Revision>>;
  operation(operationId: string): Promise<Operation | undefined>;
  operations(uid: string, page: PageRequest): Promise<Page<Operation>>;
  events(uid: string, page: PageRequest): Promise<Page<DeploymentEvent>>;
  /** Of conditions, newest first. Strongly consistent. */
  transitions(uid: string, page: PageRequest): Promise<Page<Condition>>;
  /** Sorted by name. One group, or several in turn; filters that are no key read a bounded number of cards a page. */
  cards(query: CardQuery, page: PageRequest): Promise<Page<Card>>;
  idempotent(actor: string, key: string): Promise<IdempotentAnswer | undefined>;
}

export interface CardQuery {
  groups: string[];
  environment?: string;
  status?: Status;
  model?: string;
  /** Prefix of the name, case-insensitive. */
  search?: string;
  /** Actor who created or last updated it. */
  mine?: string;
}

/** Hash of the request and where its effect is to be found: never a body, token or secret. */
export interface IdempotentAnswer {
  request_hash: string;
  status_code: number;
  uid: string | null;
  operation_id: string | null;
  /** Route parameters of what was made, for instance group, name and version of a model version. */
  pointer: Record<string, string | number>;
}

export interface DeploymentWriter {
  /**
   * One transaction: everything that a person's request changes. Refused with `RecordConflict` when HEAD moved
   * (`version`), the id was taken meanwhile (`id`), the idempotency key was used meanwhile (`idempotency`), or the promotion
   * that it is done for has moved or ended meanwhile (`promotion`).
   */
  commit(change: Change): Promise<void>;
  /**
   * One transaction beside whatever runs: a few fields of HEAD or a client, and the events that tell of them. What a workflow
   * writes meanwhile stays as it wrote it. Refused with `RecordConflict("version")` when anything else was told in between.
   */
  annotate(annotation: Annotation & Pick<Change, "idempotency">): Promise<void>;
  /** All of a deployment that is deleted. Again, it goes on where it ended. */
  removeClients(uid: string): Promise<void>;
}

export interface Change extends Decision {
  /** Secret values of the new revision, stored with it or not at all. */
  secrets?: ComponentSecrets[];
  idempotency?: { actor: string; key: string; answer: IdempotentAnswer };
  /** What the promotion that it is done for becomes by it: refused when that one has moved. */
  promotion?: PromotionChange;
}

/** The condition of a transaction that failed. */
export class RecordConflict extends Error {
  readonly what: "version" | "id" | "idempotency" | "exists" | "promotion";
  constructor(what: RecordConflict["what"], message: string) {
    super(message);
    this.name = "RecordConflict";
    this.what = what;
  }
}

/** What the steps of a workflow write. Each call is fenced: an older epoch gets `StaleEpoch`. Each is re-entrant. */
export interface OperationProgress {
  /**
   * Marks the step as running (ending the previous one) and gives HEAD as it is after that: one write, no read. `visit` is
   * when the state machine came to it: `StaleEpoch` when it has come to another since.
   */
  enterStep(fence: Fence, step: string, at: string, visit?: string): Promise<Head>;
  /** Slots and weights, and in one line what a step, by its index, has done with them. */
  saveSlots(fence: StepFence, slots: Partial<Record<SlotName, SlotRecord | null>>, done?: { step: number; detail: string }): Promise<Head>;
  /** Kept with the operation; merged over what is there. */
  saveEvidence(fence: Fence, evidence: Partial<Evidence>): Promise<void>;
  /**
   * Ends the operation in one transaction: HEAD, OPERATION, EVENTs. A second call with the same outcome is no error.
   * `RecordConflict("version")` when a step has begun or written slots since HEAD was read for the decision.
   */
  endOperation(fence: Fence, ending: Ending): Promise<Head>;
  /** What a revision ran when it was ready for the first time. Said again, it stays as it was. */
  pinDigests(uid: string, revision: number, digests: NonNullable<Revision["digests"]>): Promise<void>;
  /**
   * What was seen, decided upon what had been seen `before`; transitions that it has left behind are kept first. Refused
   * with `RecordConflict("version")` when somebody else has written since: nobody's transitions are lost.
   */
  saveObserved(uid: string, observed: Observed, before: Observed | undefined): Promise<void>;
}

export interface Fence {
  uid: string;
  operation_id: string;
  epoch: number;
}

export interface StepFence extends Fence {
  /**
   * How many steps have begun. When another has begun since, the write was under way for longer than its step lasted and
   * would undo what came after it: a `RecordConflict`.
   */
  steps?: number;
}

export interface Registry {
  groups(): Promise<string[]>;
  /** With locations, or null for any, they are what holds from now on; without, what holds stays. */
  putGroup(name: string, actor: string, at: string, locations?: string[] | null): Promise<void>;
  /** Where the artifacts of a group may lie; null: anywhere. */
  modelLocations(group: string): Promise<string[] | null>;
  model(group: string, name: string): Promise<Model | undefined>;
  models(groups: string[], page: PageRequest): Promise<Page<Model>>;
  modelVersion(group: string, name: string, version: number): Promise<ModelVersion | undefined>;
  modelVersions(group: string, name: string, page: PageRequest): Promise<Page<ModelVersion>>;
  /** `RecordConflict("exists")` when the model is there. */
  createModel(model: Model, idempotency?: Change["idempotency"]): Promise<void>;
  /** The version that a source reported under this name. */
  versionOfOrigin(group: string, name: string, source: Pick<VersionSource, "name" | "id">): Promise<ModelVersion | undefined>;
  /**
   * Gives the version its number: latest + 1, in one transaction with the model and the event that tells of it.
   * `RecordConflict("exists")` when its source has reported it before. `latest`: of the model, as its caller has just read it.
   */
  registerVersion(version: Omit<ModelVersion, "version">, idempotency?: Change["idempotency"], latest?: number): Promise<ModelVersion>;
  /** Notes that the source of a version does not stand by it any more, or (null) does again. */
  noteWithdrawal(version: Pick<ModelVersion, "group" | "name" | "version">, withdrawn: ModelVersion["withdrawn"]): Promise<void>;
}

export interface ClusterIndex {
  /** Uids of deployments that have an operation under way or objects in the cluster. */
  deploymentsIn(cluster: string): Promise<string[]>;
  heads(uids: string[]): Promise<Head[]>;
}
