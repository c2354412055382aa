import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const dynamodb = new DynamoDBClient({});
const item = (id) => ({ TableName: process.env.TABLE, Item: { pk: { S: id }, item_type: { S: "EVENT" } } });
const tasks = {
  put: (id) => dynamodb.send(new PutItemCommand(item(id))),
  transact: (id) => dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: item(id) }] })),
  get: (id) => dynamodb.send(new GetItemCommand({ TableName: process.env.TABLE, Key: { pk: { S: id } } })),
  store: (key) => new S3Client({}).send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: key, Body: "kept" })),
  publish: (id) =>
    new EventBridgeClient({}).send(
      new PutEventsCommand({ Entries: [{ EventBusName: "slipway", Source: "test", DetailType: "Said", Detail: JSON.stringify({ id }) }] }),
    ),
};

/** Does one thing with AWS; gives its answer, or the name and message of what AWS refused. */
export async function handler({ task, id }) {
  try {
    return await tasks[task](id);
  } catch (error) {
    return { refused: error.name, message: error.message };
  }
}

/** Puts what it is given into the table, as a consumer of events or of a stream. */
export async function remember(event) {
  const ids = event.Records?.map((record) => `seen-${record.dynamodb.NewImage.pk.S}`) ?? [`heard-${event.detail.id}`];
  for (const id of ids) await dynamodb.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { pk: { S: id } } }));
}

/** Fails always. */
export async function refuse() {
  throw new Error("this cannot be done");
}
