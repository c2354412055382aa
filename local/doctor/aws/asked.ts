import { type Finding, unknown } from "../finding.ts";

/** Whether AWS says that there is no such thing. */
export const isMissing = ({ name }: Error): boolean => /NotFound/.test(name);

/** undefined when AWS says that there is no such thing. */
export const unlessMissing = <Answer>(asking: Promise<Answer>): Promise<Answer | undefined> =>
  asking.catch((error: Error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });

/** What could not be asked is a finding too. `permission`: what the question needs. */
export async function asked(check: string, permission: string, look: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    const { name, message } = error as Error;
    if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name))
      return [unknown(check, `not allowed to look: ${message}`, `allow ${permission} to whoever asks`)];
    return [unknown(check, `${message || name}`, "mend what it says, and look again")];
  }
}
