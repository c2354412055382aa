import { dynamoSecrets } from "../adapters/dynamodb-secrets.ts";
import { maskSecrets } from "../masking/mask-secrets.ts";
import type { MaskQuestion } from "../ports/masking.ts";
import { documentClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";

const settings = readSettings("MaskSecrets");
const secrets = dynamoSecrets(documentClient(), settings.SECRETS_TABLE_NAME);

export const handler = eventHandler((question: MaskQuestion) => maskSecrets(question, secrets));
