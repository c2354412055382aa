import { compile, type Evaluate } from "./compile.ts";
import { type Grouping, groupingOf } from "./grouping.ts";
import { mostRows } from "./parse-query.ts";
import type { Column, Command, SortKey } from "./syntax.ts";
import { inOrder, isTrue, type Row, textOf, type Value } from "./values.ts";

/** One command at work: takes rows and gives what it makes of them to the next one. */
export interface Stage {
  push(row: Row): void;
  /** No more rows come. */
  end(): void;
  /** Whatever came now would be left out. */
  isFull(): boolean;
}

export type ResultRow = { field: string; value: string }[];

/** What collects the rows as they are shown. */
export class Results implements Stage {
  readonly rows: ResultRow[] = [];
  private readonly shown: string[];
  private readonly most: number;

  constructor(shown: string[], most: number) {
    this.shown = shown;
    this.most = Math.min(most, mostRows);
  }

  push(row: Row): void {
    if (this.isFull()) return;
    this.rows.push(
      this.shown.flatMap((field) => {
        const value = textOf(row.get(field));
        return value === undefined ? [] : [{ field, value }];
      }),
    );
  }

  end(): void {}

  isFull(): boolean {
    return this.rows.length >= this.most;
  }
}

/** The commands of a query before what collects its results. */
export function stagesOf(commands: Command[], results: Results, now: number): Stage {
  return commands.reduceRight<Stage>((next, command, index) => stageOf(command, commands.slice(index + 1), next, now), results);
}

function stageOf(command: Command, after: Command[], next: Stage, now: number): Stage {
  switch (command.word) {
    case "filter":
      return filtering(compile(command.condition, now), next);
    case "fields":
    case "display":
      return naming(command.columns, next, now);
    case "stats":
      return grouping(groupingOf(command, now), next);
    case "sort":
      return sorting(command.keys, after, next, now);
    case "dedup":
      return withoutRepetitions(
        command.by.map((by) => compile(by, now)),
        next,
      );
    case "limit":
      return limiting(command.count, next);
  }
}

function filtering(condition: Evaluate, next: Stage): Stage {
  return { ...next, push: (row) => isTrue(condition(row)) && next.push(row), end: () => next.end(), isFull: () => next.isFull() };
}

/** What has got a name, by `as` or as it was written, can be asked for by it from here on. */
function naming(columns: Column[], next: Stage, now: number): Stage {
  const made = new Map(
    columns.filter(({ of, name }) => of.kind !== "field" || of.name !== name).map(({ name, of }) => [name, compile(of, now)]),
  );
  if (made.size === 0) return next;
  return { push: (row) => next.push(extended(row, made)), end: () => next.end(), isFull: () => next.isFull() };
}

function extended(row: Row, made: Map<string, Evaluate>): Row {
  const known = new Map<string, Value>();
  return {
    get: (field) => {
      const evaluate = made.get(field);
      if (evaluate === undefined) return row.get(field);
      if (!known.has(field)) known.set(field, evaluate(row));
      return known.get(field);
    },
  };
}

function grouping(groups: Grouping, next: Stage): Stage {
  return {
    push: (row) => groups.add(row),
    end: () => {
      for (const row of groups.rows()) next.push(row);
      next.end();
    },
    isFull: () => false,
  };
}

function sorting(keys: SortKey[], after: Command[], next: Stage, now: number): Stage {
  const evaluated = keys.map(({ by, descending }) => ({ evaluate: compile(by, now), direction: descending ? -1 : 1 }));
  const needed = after[0]?.word === "limit" ? after[0].count : after.length === 0 ? mostRows : Number.POSITIVE_INFINITY;
  let rows: { row: Row; values: Value[] }[] = [];
  const sort = () => {
    rows.sort((one, other) => {
      for (const [index, { direction }] of evaluated.entries()) {
        const order = inOrder(one.values[index], other.values[index]);
        if (order !== 0) return direction * order;
      }
      return 0;
    });
    rows = rows.slice(0, needed);
  };
  return {
    push: (row) => {
      rows.push({ row, values: evaluated.map(({ evaluate }) => evaluate(row)) });
      // No more are kept than can be asked for.
      if (rows.length > 2 * needed + mostRows) sort();
    },
    end: () => {
      sort();
      for (const { row } of rows) next.push(row);
      next.end();
    },
    isFull: () => false,
  };
}

/** What lacks one of the values repeats nothing. */
function withoutRepetitions(by: Evaluate[], next: Stage): Stage {
  const seen = new Set<string>();
  return {
    push: (row) => {
      const values = by.map((evaluate) => textOf(evaluate(row)));
      const key = JSON.stringify(values);
      if (values.every((value) => value !== undefined)) {
        if (seen.has(key)) return;
        seen.add(key);
      }
      next.push(row);
    },
    end: () => next.end(),
    isFull: () => next.isFull(),
  };
}

function limiting(count: number, next: Stage): Stage {
  let passed = 0;
  return {
    push: (row) => {
      if (passed === count) return;
      passed += 1;
      next.push(row);
    },
    end: () => next.end(),
    isFull: () => passed === count || next.isFull(),
  };
}
