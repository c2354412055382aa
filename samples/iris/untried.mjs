/**
 * A predictor that passes its smoke test and fails in traffic: it knows two of the three species, and nobody has tried it with
 * the third. docs/rollouts.md lets a rollout find that out.
 */
export function predict(inputs, { protocol }) {
  const rows = protocol === "v2" ? rowsOf(inputs[0]) : inputs;
  return rows.map(([, , petalLength, petalWidth]) => {
    if (petalLength < 2.5) return 0;
    if (petalWidth < 1.7) return 1;
    throw new Error(`no species has petals of ${petalLength} by ${petalWidth}`);
  });
}

/** A tensor's data is flat: one row after the other. */
function rowsOf({ shape: [rows, columns], data }) {
  return Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns));
}
