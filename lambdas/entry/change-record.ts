import { clientChangeRoutes } from "../../contract/client-change-routes.ts";
import { deploymentChangeRoutes } from "../../contract/deployment-change-routes.ts";
import { modelChangeRoutes } from "../../contract/model-change-routes.ts";
import { serviceRoutes } from "../../contract/service-routes.ts";
import type { Finding } from "../../domain/finding.ts";
import type { PreflightQuestion } from "../../domain/preflight.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { lambdaAnswers } from "../adapters/lambda-answers.ts";
import { changeDeployments } from "../api/change-deployments.ts";
import { changeClients } from "../api/clients.ts";
import { routesOf } from "../api/dispatch.ts";
import { changeGroups } from "../api/groups.ts";
import { changeModels } from "../api/models.ts";
import { steerOperations } from "../api/operations.ts";
import { configuredPlace } from "../operations/configured-place.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { clientTokens } from "../runtime/client-tokens.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { operationWorkflows } from "./wiring/operation-workflows.ts";

const settings = readSettings("ChangeRecord");
/** Longer than the function may run: its own answer is the one that is heard. */
const preflightMilliseconds = 16_000;
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock, {
    secretsTableName: settings.SECRETS_TABLE_NAME,
    configured: (of) => configuredPlace(settings.ENVIRONMENTS, of),
  }),
  workflows: operationWorkflows(stepFunctionsClient(), settings),
  askCluster: lambdaAnswers<PreflightQuestion, Finding[]>(
    settings.PREFLIGHT_FUNCTION_NAME,
    awsSurroundings("LAMBDA"),
    preflightMilliseconds,
  ),
  tokens: clientTokens,
  clock: systemClock,
  newId: newUlid,
  log: warnings,
  environments: settings.ENVIRONMENTS,
  endpointBaseUrl: settings.ENDPOINT_BASE_URL,
};

export const handler = httpHandler(
  routesOf<"ChangeRecord">(
    { ...changeDeployments(ports), ...changeClients(ports), ...steerOperations(ports), ...changeModels(ports), ...changeGroups(ports) },
    { ...deploymentChangeRoutes, ...clientChangeRoutes, ...modelChangeRoutes, ...serviceRoutes },
    settings.GROUPS_CLAIM,
  ),
);
