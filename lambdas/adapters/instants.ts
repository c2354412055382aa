/** A time as the record keeps it: milliseconds since 1970, a third of what its text would take. */
export const toNumber = (at: string): number => Date.parse(at);
export const toInstant = (milliseconds: unknown): string => new Date(Number(milliseconds)).toISOString();
