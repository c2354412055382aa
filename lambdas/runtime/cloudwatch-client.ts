import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { clientDefaults } from "./client-defaults.ts";

export const cloudWatchClient = (): CloudWatchClient => new CloudWatchClient(clientDefaults(5_000));
