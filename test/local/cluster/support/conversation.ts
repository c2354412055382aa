import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";

/** A POST that sends its second piece only when the first of the answer is there: hangs unless both ways are streamed. */
export function conversation(url: string, options: RequestOptions = {}): Promise<string> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = send(url, { method: "POST", ...options }, (response) => {
      const pieces: string[] = [];
      response.on("data", (chunk: Buffer) => {
        pieces.push(chunk.toString());
        if (pieces.length === 1) call.write("second\n");
        else if (pieces.length === 2) call.end();
      });
      response.on("end", () => resolve(pieces.join("")));
    });
    call.on("error", reject);
    call.flushHeaders();
  });
}
