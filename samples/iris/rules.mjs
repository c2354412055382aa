/** A predictor without a model: which iris it is by two rules of thumb. Takes rows of four measurements, gives class numbers. */
export function predict(inputs, { protocol }) {
  const rows = protocol === "v2" ? rowsOf(inputs[0]) : inputs;
  return rows.map(([, , petalLength, petalWidth]) => {
    if (petalLength < 2.5) return 0;
    return petalWidth < 1.7 ? 1 : 2;
  });
}

/** A tensor's data is flat: one row after the other. */
function rowsOf({ shape: [rows, columns], data }) {
  return Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns));
}
