import { expect, it } from "vitest";
import { isImageReference } from "../../contract/image-reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

it.each([
  "nginx",
  "nginx:1.27",
  "kserve/sklearnserver:v0.20.0",
  "registry.example:5000/team/some-image_x:1.0-rc.1",
  `000000000000.dkr.ecr.eu-west-1.amazonaws.com/fraud/scorer:9@${digest}`,
  `ghcr.io/a/b@${digest}`,
  "localhost:5000/a",
])("%s is an image", (image) => expect(isImageReference(image)).toBe(true));

it.each([
  "",
  " nginx",
  "nginx latest",
  "https://registry.example/a",
  "docker://a/b",
  "team/Image",
  "a//b",
  "a/../b",
  "a:",
  "a:b:c",
  "a@sha256:0123",
  `a@sha512:${"0".repeat(64)}`,
  "user:pass@registry.example/a",
  "a;rm",
  "-a",
  "a\n",
  "a".repeat(500),
])("%j is no image", (image) => expect(isImageReference(image)).toBe(false));
