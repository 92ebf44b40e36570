/** An answer that is a problem (RFC 9457), as something to throw and to show. */

export interface Fault {
  detail: string;
  /** Where in the body (a JSON pointer), or which parameter or header. */
  pointer?: string;
  parameter?: string;
  header?: string;
}

export interface ProblemBody {
  code: string;
  title: string;
  status: number;
  detail?: string;
  requestId?: string;
  errors?: Fault[];
  params?: Record<string, string | number | null>;
  [more: string]: unknown;
}

/** Where a fault lies, as forms name their fields: `/address/city` is `address.city`. */
export function faultName(fault: Fault): string {
  if (fault.pointer !== undefined) {
    return fault.pointer
      .replace(/^\//, "")
      .replaceAll("/", ".")
      .replaceAll("~1", "/")
      .replaceAll("~0", "~");
  }
  return fault.parameter ?? fault.header ?? "";
}

export class ProblemError extends Error {
  readonly body: ProblemBody;
  readonly requestId: string | null;

  constructor(body: ProblemBody, requestId: string | null = null) {
    super(body.detail ?? body.title);
    this.name = "ProblemError";
    this.body = body;
    this.requestId = body.requestId ?? requestId;
  }

  get code(): string {
    return this.body.code;
  }

  get status(): number {
    return this.body.status;
  }

  /** What is wrong with one field of the body (`address.city`), if the answer names it. */
  at(field: string): string | undefined {
    return this.body.errors?.find((e) => faultName(e) === field)?.detail;
  }
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const offline = thrown instanceof TypeError;
  return new ProblemError({
    code: offline ? "offline" : "unexpected",
    title: offline ? "offline" : thrown instanceof Error ? thrown.message : String(thrown),
    status: 0,
  });
}

/** Read a failed answer. */
export async function problemOf(response: Response): Promise<ProblemError> {
  let body: ProblemBody = {
    code: "unexpected",
    title: response.statusText,
    status: response.status,
  };
  try {
    body = { ...body, ...((await response.json()) as Partial<ProblemBody>) };
  } catch {
    // Not JSON: a proxy answered; the status says what is known.
  }
  return new ProblemError(body, response.headers.get("x-request-id"));
}
