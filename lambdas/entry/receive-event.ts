import { eventHandler } from "../runtime/event-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { receiveEvent } from "../triggers/receive-event.ts";
import { reportHandling } from "./wiring/report-handling.ts";

const ports = reportHandling(readSettings("ReceiveEvent"));

export const handler = eventHandler((event: unknown) => receiveEvent(event, ports));
