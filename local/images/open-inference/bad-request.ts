/** A request that the protocol or the model refuses: answered with 400 and the message. */
export class BadRequest extends Error {}
