/** `SET a.b = value` for each path. Every name is an alias: some of ours are reserved words of DynamoDB's. */
export function setPaths(paths: [path: string[], value: unknown][]) {
  const names = [...new Set(paths.flatMap(([path]) => path))];
  return {
    UpdateExpression: `SET ${paths.map(([path], index) => `${path.map((name) => `#${name}`).join(".")} = :v${index}`).join(", ")}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(paths.map(([, value], index) => [`:v${index}`, value])) as Record<string, unknown>,
  };
}
