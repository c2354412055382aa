/**
 * Where a group's artifacts may lie: beginnings of locations, `s3://bucket/prefix`, each ending where a part of a
 * location ends, so that `s3://models/fraud` is not `s3://models/fraud-of-others`.
 */

/** What follows the last part: a path; with Hugging Face and images also a revision, tag or digest. */
const boundaries: Record<string, string[]> = { hf: ["/", ":"], oci: ["/", ":", "@"] };

/** null: wherever a location may be at all. */
export function mayLieAt(uri: string, locations: readonly string[] | null): boolean {
  if (locations === null) return true;
  const ends = boundaries[uri.split("://")[0] ?? ""] ?? ["/"];
  return locations.some((location) => {
    const beginning = location.replace(/\/$/, "");
    return uri === beginning || (uri.startsWith(beginning) && ends.includes(uri.charAt(beginning.length)));
  });
}

export const outsideMessage = (group: string, locations: readonly string[]): string =>
  `the group ${group} takes artifacts from ${locations.join(", ") || "nowhere"} only: its model_locations, which PUT /v1/groups/${group} changes`;
