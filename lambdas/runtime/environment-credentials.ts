/**
 * A function's credentials are in its environment and nowhere else. The SDK's default chain would also look for
 * profiles, single sign-on, container and instance metadata: 130 KB that no function ever runs. `lib/` aliases
 * `@aws-sdk/credential-provider-node` to this file when it bundles, which is why the name is the chain's own.
 */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
      throw new Error("no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment");
    }
    return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
  };
}
