import { dynamoClientAccess } from "../adapters/dynamodb-clients.ts";
import { type AuthorizerQuestion, authorizeClient } from "../clients/authorize-client.ts";
import { authorizerHandler } from "../runtime/authorizer-handler.ts";
import { clientTokens } from "../runtime/client-tokens.ts";
import { documentClient } from "../runtime/clients.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("AuthorizeClient");
const ports = {
  clients: dynamoClientAccess({ client: documentClient(), name: settings.TABLE_NAME }),
  tokens: clientTokens,
  clock: systemClock,
  log: warnings,
};

export const handler = authorizerHandler((question: AuthorizerQuestion) => authorizeClient(ports, question));
