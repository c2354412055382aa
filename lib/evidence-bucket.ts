import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, StorageClass } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/** Large bodies of an operation's evidence. The record holds their keys. */
export class EvidenceBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(60) }],
          expiration: Duration.days(730),
        },
      ],
    });
  }

  /** Adds evidence; neither reads nor deletes any. */
  grantKeep(writer: ServiceFunction): void {
    writer.set("EVIDENCE_BUCKET_NAME", this.bucketName).may(["s3:PutObject"], [this.arnForObjects("*")]);
  }
}
