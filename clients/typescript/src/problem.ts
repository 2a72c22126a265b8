import type { Problem } from "./contract.ts";

const DETAIL_CHARACTERS = 200;

/** An answer that is not a success; its fields are those of the problem document. */
export class ColdframeError extends Error {
  override readonly name = "ColdframeError";
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What to mend in the request: a JSON pointer to each field, and what is wrong with it. */
  readonly errors: Problem["errors"];
  readonly requestId: string;

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
  }

  /** Read the problem from an answer; what is between client and API may answer without one. */
  static async of(response: Response): Promise<ColdframeError> {
    const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
    return new ColdframeError(isProblem ? await response.json() : await withoutProblem(response));
  }
}

async function withoutProblem(response: Response): Promise<Problem> {
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: (await response.text()).slice(0, DETAIL_CHARACTERS),
    request_id: response.headers.get("x-amzn-requestid") ?? "",
    errors: [],
  };
}
