import { ColdframeError } from "./problem.ts";

export interface Settings {
  /** Where the API is, with its stage: http://127.0.0.1:3000/v1 */
  baseUrl: string;
  apiKey: string;
  /** While a challenger has a share of the traffic, the same key always gets the same version. */
  routingKey?: string;
}

/** Sends requests with the headers that all of them have; raises ColdframeError for what is not a success. */
export class Http {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;

  constructor({ baseUrl, apiKey, routingKey }: Settings) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#headers = { "x-api-key": apiKey };
    if (routingKey !== undefined) this.#headers["x-routing-key"] = routingKey;
  }

  async get<Answer>(path: string): Promise<Answer> {
    return this.#answer(path, { headers: this.#headers });
  }

  async post<Answer>(path: string, content: object): Promise<Answer> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#answer(path, { method: "POST", headers, body: JSON.stringify(content) });
  }

  async #answer<Answer>(path: string, request: RequestInit): Promise<Answer> {
    const response = await fetch(this.#baseUrl + path, request);
    if (!response.ok) throw await ColdframeError.of(response);
    return response.json() as Promise<Answer>;
  }
}
