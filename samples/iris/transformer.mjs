/**
 * Stands before the model `iris` of `npm start`: takes measurements by their names, gives species by theirs.
 * UNITS=mm when they come in millimetres; the model was trained on centimetres.
 */
const measurements = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
const species = ["setosa", "versicolor", "virginica"];
const centimetres = process.env.UNITS === "mm" ? 0.1 : 1;

/** `instances` of V1 are flowers; who sends tensors (V2) knows the model's own input. */
export function preprocess(inputs, { protocol }) {
  if (protocol === "v2") return inputs;
  const data = inputs.flatMap(rowOf);
  return [{ name: "input", datatype: "FP32", shape: [inputs.length, measurements.length], data }];
}

/** The model tells a class number and the probability of each class. */
export function postprocess(outputs, { protocol }) {
  const tensor = (wanted) => outputs.find(({ name }) => name === wanted);
  const names = tensor("label").data.map((label) => species[label]);
  if (protocol === "v2") return [...outputs, { name: "species", datatype: "BYTES", shape: [names.length], data: names }];
  const { data } = tensor("probabilities");
  return names.map((name, row) => ({
    species: name,
    probability: Math.max(...data.slice(row * species.length, (row + 1) * species.length)),
  }));
}

function rowOf(flower, index) {
  return measurements.map((name) => {
    const value = flower?.[name];
    if (typeof value === "number") return value * centimetres;
    throw Object.assign(new Error(`instance ${index} has no number ${name}: give ${measurements.join(", ")}`), { status: 400 });
  });
}
