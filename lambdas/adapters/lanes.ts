/** Runs an action when it is its turn. */
export type InTurn = <T>(action: () => Promise<T>) => Promise<T>;

/** Runs what it is given in order, at most so many at once. One that fails is its asker's affair: the next one begins. */
export function lanes(atOnce: number): InTurn {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (action) => {
    if (free > 0) free--;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
