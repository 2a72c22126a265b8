import type { Model, ModelInfo, Options, Predicted } from "./contract.ts";
import type { Coldframe } from "./index.ts";

/** A model that answered when it was asked what it is. */
export class LoadedModel<M extends Model> {
  readonly #client: Coldframe;
  readonly name: M;
  /** What the model said of itself then; later predictions name their version. */
  readonly info: ModelInfo<M>;

  constructor(client: Coldframe, name: M, info: ModelInfo<M>) {
    this.#client = client;
    this.name = name;
    this.info = info;
  }

  /** Say what the model makes of a text, or of each of several. */
  async predict<Input extends string | readonly string[]>(
    input: Input,
    options?: Options<M>,
  ): Promise<Predicted<M, Input>> {
    return this.#client.predict(this.name, input, options);
  }
}
