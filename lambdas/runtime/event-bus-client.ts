import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientDefaults } from "./client-defaults.ts";

/** Apart from the other clients: lib-dynamodb cannot be shaken out of a bundle, and who publishes has no table. */
export const eventBridgeClient = (): EventBridgeClient => new EventBridgeClient(clientDefaults(5_000));
