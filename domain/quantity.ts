/** Amounts by resource (`cpu`, `memory`, `nvidia.com/gpu`, `pods`), in cores, bytes and pieces. */
export type Amounts = Readonly<Record<string, number>>;

const factors: Readonly<Record<string, number>> = {
  ...{ "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** A Kubernetes quantity (`500m`, `2Gi`, `1e3`). RangeError when it is none. */
export function parseQuantity(quantity: unknown): number {
  const [, number = "", suffix = ""] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  if (number === "" || !Object.hasOwn(factors, suffix)) throw new RangeError(`${JSON.stringify(quantity)} is no quantity of Kubernetes`);
  return rounded(Number(number) * (factors[suffix] as number));
}

export const parseAmounts = (given: object | undefined): Amounts =>
  Object.fromEntries(Object.entries(given ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity)]));

/** Each resource of both, by `of`; what one does not name is 0. */
export function combined(a: Amounts, b: Amounts, of: (a: number, b: number) => number): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, rounded(of(a[name] ?? 0, b[name] ?? 0))]));
}

export const sum = (a: Amounts, b: Amounts): Amounts => combined(a, b, (one, other) => one + other);
export const difference = (a: Amounts, b: Amounts): Amounts => combined(a, b, (one, other) => one - other);
export const times = (amounts: Amounts, count: number): Amounts => combined(amounts, {}, (one) => one * count);

/** For people: `250m`, `1.5Gi`, `3`. */
export function written(resource: string, amount: number): string {
  if (/(^|\.)cpu$/.test(resource)) return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
  if (!/(^|\.)(memory|ephemeral-storage)$/.test(resource)) return String(amount);
  const unit = ["Ti", "Gi", "Mi", "Ki"].find((name) => Math.abs(amount) >= (factors[name] as number));
  return unit ? `${Math.round((amount / (factors[unit] as number)) * 100) / 100}${unit}` : String(amount);
}

/** To thousandths, in which cores are counted: 0.1 + 0.2 must not exceed 0.3. */
const rounded = (amount: number): number => Math.round(amount * 1000) / 1000;
