import type { AwsError } from "../../error.ts";
import { malformed } from "./malformed.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** Goes through the tokens of a query, one after the other. */
export class TokenReader {
  private readonly query: string;
  private readonly tokens: Token[];
  private place = 0;
  /** Where the command begins that is being read. */
  private command = 0;

  constructor(query: string) {
    this.query = query;
    this.tokens = tokensOf(query);
  }

  /** Where the next token stands. */
  get at(): number {
    return this.token.from;
  }

  get isAtEnd(): boolean {
    return this.token.kind === "end";
  }

  /** What was read from a place on, blanks made one. */
  since(from: number): string {
    return this.query.slice(from, this.tokens[this.place - 1]?.until ?? from).replaceAll(/\s+/g, " ");
  }

  /** The next token, if it is one of these words or signs; in lower case. */
  take(...words: string[]): string | undefined {
    const { kind, text } = this.token;
    const word = kind === "name" || kind === "sign" ? text.toLowerCase() : undefined;
    if (word === undefined || !words.includes(word)) return undefined;
    this.place += 1;
    return word;
  }

  /** Errors: MalformedQueryException, when it is none of these. */
  demand(...words: string[]): string {
    const word = this.take(...words);
    if (word === undefined) throw this.misfit(`${words.join(" or ")} has to stand where ${this.token.text} does`);
    return word;
  }

  /** Errors: MalformedQueryException, when it is of another kind. */
  next(...kinds: Token["kind"][]): Token {
    const token = this.token;
    if (!kinds.includes(token.kind)) throw this.misfit(`a ${kinds.join(" or ")} has to stand where ${token.text} does`);
    this.place += 1;
    return token;
  }

  /** A command begins here: what does not fit is told with the whole of it. */
  beginCommand(): void {
    this.command = this.place;
  }

  misfit(why: string): AwsError {
    const end = this.tokens.findIndex(
      ({ kind, text }, index) => index >= this.place && (kind === "end" || (kind === "sign" && text === "|")),
    );
    return malformed(this.query.slice(this.tokens[this.command]?.from, this.tokens[end]?.from).trim(), why);
  }

  private get token(): Token {
    return this.tokens[this.place] as Token;
  }
}
