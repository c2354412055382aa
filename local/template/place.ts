/** Where the local system pretends to be: no call ever leaves this machine. */
export const region = "us-east-1";
export const account = "000000000000";

export const arn = (service: string, resource: string, where: string = region, owner: string = account): string =>
  `arn:aws:${service}:${where}:${owner}:${resource}`;
