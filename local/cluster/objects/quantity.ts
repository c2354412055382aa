const factors: Record<string, number> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity (`500m`, `2Gi`, `1e3`, `4`) in its base unit: cores, bytes, pieces. Throws when it is none. */
export function parseQuantity(quantity: string | number): number {
  if (typeof quantity === "number") return quantity;
  const parts = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(quantity);
  const factor = parts && factors[parts[2] as string];
  if (factor === undefined || factor === null || Number.isNaN(Number(parts?.[1]))) {
    throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': ${quantity}`);
  }
  // Rounded to thousandths, as cores are counted: 0.1 + 0.2 must not exceed 0.3.
  return Math.round(Number(parts?.[1]) * factor * 1000) / 1000;
}

/** Written the way Kubernetes prints it: cores in `m` when not whole, bytes in the largest binary unit that divides them. */
export function formatQuantity(resource: string, value: number): string {
  if (/(^|\.)cpu$/.test(resource)) return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
  if (!/(^|\.)(memory|ephemeral-storage)$/.test(resource) || value === 0) return String(value);
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    const size = factors[unit] as number;
    if (value % size === 0) return `${value / size}${unit}`;
  }
  return String(value);
}

export type Amounts = Record<string, number>;

export function parseAmounts(resources: Record<string, string | number> | undefined): Amounts {
  return Object.fromEntries(Object.entries(resources ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity)]));
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = Math.round(((sum[name] ?? 0) + amount) * 1000) / 1000;
  return sum;
}

export function largerAmounts(a: Amounts, b: Amounts): Amounts {
  const larger = { ...a };
  for (const [name, amount] of Object.entries(b)) larger[name] = Math.max(larger[name] ?? 0, amount);
  return larger;
}
