/** What is printed when the system answers: addresses, and lines to paste. */
export function greeting(origin: string, data: string, milliseconds: number): string {
  return `
Slipway runs on this machine (started in ${(milliseconds / 1000).toFixed(1)} s). Ctrl-C ends it; ${data} keeps everything.

  API        ${origin}/v1            (description: ${origin}/v1/openapi.json)
  Endpoints  ${origin}/endpoints/{id}/… (of private deployments: ${origin}/private-endpoints/{id}/…)
  Sign-in    ${origin}/oidc          (client ids admin, member, viewer; secret local)
  AWS        export AWS_ENDPOINT_URL=${origin}/aws AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local

token=$(curl -s ${origin}/oidc/token -d grant_type=client_credentials -d client_id=member -d client_secret=local | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -s ${origin}/v1/deployments -H "authorization: Bearer $token"
`;
}
