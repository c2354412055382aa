import type { Head } from "./deployment.ts";

/**
 * What an aborted or swept operation left in the cluster is removed by an execution of the shutdown machine that
 * belongs to no operation: its steps are fenced by the epoch alone, touch only what the record does not name as
 * serving, and end nothing. Its name tells it apart from an operation's: `<uid>-<epoch>-<attempt>`.
 */
export interface CleanUp {
  uid: string;
  operation_id: string;
  epoch: number;
}

/** Another attempt has another name: an execution that has ended keeps its name taken. */
export const cleanUpOf = ({ uid, epoch }: Pick<Head, "uid" | "epoch">, attempt: number): CleanUp => ({
  uid,
  operation_id: `${uid}-${epoch}-${attempt}`,
  epoch,
});

export const isCleanUp = ({ uid, operation_id }: CleanUp): boolean => operation_id.startsWith(`${uid}-`);
