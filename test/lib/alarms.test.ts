import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { configured, synthesize } from "./synthesized.ts";

const runbooks = join(import.meta.dirname, "..", "..", "docs", "runbooks");
const { ofType } = synthesize();
const alarms = ofType("AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties);

/** Asked for by people, not by an alarm: one operation is somebody's model. */
const askedFor = ["failed-operation.md", "stuck-operation.md"];

it("names a runbook that exists in every alarm, and no other runbook is without its alarm", () => {
  const named = alarms.map(({ AlarmDescription }) => /docs\/runbooks\/([a-z-]+\.md)$/.exec(AlarmDescription)?.[1]);
  const written = readdirSync(runbooks).filter((name) => name !== "README.md");
  expect([...named, ...askedFor].sort()).toEqual(written.sort());
});

it("watches every dead-letter queue", () => {
  const watched = JSON.stringify(alarms.filter(({ AlarmDescription }) => AlarmDescription.includes("dead-letters.md")));
  for (const [queue] of ofType("AWS::SQS::Queue")) expect(watched).toContain(queue);
});

it("counts failed workflows over the quarter of an hour that its runbook speaks of", () => {
  const alarm = alarms.find(({ AlarmDescription }) => AlarmDescription.includes("workflow-failures.md"));
  const periods = ((alarm?.Metrics ?? []) as { MetricStat?: { Period: number } }[]).flatMap(({ MetricStat }) => MetricStat?.Period ?? []);
  expect(periods).toEqual([900, 900, 900, 900, 900, 900]);
});

it("tells the configured topic", () => {
  const topic_arn = "arn:aws:sns:eu-west-1:111122223333:on-call";
  const told = synthesize({
    configuration: configured((given) => {
      given.alarms.topic_arn = topic_arn;
    }),
  });
  for (const [, { Properties }] of told.ofType("AWS::CloudWatch::Alarm")) expect(Properties.AlarmActions).toEqual([topic_arn]);
});
