export interface Page<T> {
  items: T[];
  /** Opaque, bound to the query that gave it; absent on the last page. */
  next_cursor?: string;
}
export interface PageRequest {
  limit: number;
  cursor?: string;
}
