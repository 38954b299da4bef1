/** One HTTP request, as any HTTP server has it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** From the question mark on, or empty. */
  readonly search: string;
  /** The parsed JSON body. */
  readonly body: unknown;
}
