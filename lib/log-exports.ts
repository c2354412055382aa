import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/** Files of log lines that somebody asked for: written by one function, read by link, gone after a week. */
export class LogExports extends Construct {
  readonly undelivered: DeadLetterQueue;
  private readonly bucket: Bucket;
  private readonly writer: ServiceFunction;

  constructor(scope: Construct, id: string, writer: ServiceFunction) {
    super(scope, id);
    this.writer = writer;
    this.bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1), expiration: Duration.days(7) }],
    });
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    writer.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5), onFailure: new SqsDestination(this.undelivered) });
    this.bind(writer).may(["s3:PutObject"], [this.bucket.arnForObjects("*")]);
  }

  /** Begins exports, tells what they have come to, and signs links to them. */
  grantOffer(reader: ServiceFunction): void {
    this.bind(reader).may(["s3:PutObject", "s3:GetObject"], [this.bucket.arnForObjects("*")]);
    reader.set("WRITE_LOG_EXPORT_FUNCTION_NAME", this.writer.functionName).may(["lambda:InvokeFunction"], [this.writer.functionArn]);
  }

  private bind(user: ServiceFunction): ServiceFunction {
    return user.set("LOG_EXPORTS_BUCKET_NAME", this.bucket.bucketName);
  }
}
