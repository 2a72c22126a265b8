import type { Got, Model, ModelInfo, Options, Predicted } from "./contract.ts";
import { ANSWERED_AT } from "./generated/index.ts";
import { Http, type Settings } from "./http.ts";
import { LoadedModel } from "./loaded.ts";
import { ColdframeError } from "./problem.ts";
import type { ListedModels, ModelVersion } from "./registry.ts";

export type { Model, ModelInfo, Options, Predicted, Prediction, Problem } from "./contract.ts";
export { ColdframeError, LoadedModel, type ListedModels, type ModelVersion, type Settings };

const MODEL_UNAVAILABLE = 503;

/** A client of one deployment; every method raises ColdframeError when the answer is not a success. */
export class Coldframe {
  readonly #http: Http;

  constructor(settings: Settings) {
    this.#http = new Http(settings);
  }

  /** Say what a model makes of a text, or of each of several. */
  async predict<M extends Model, Input extends string | readonly string[]>(
    model: M,
    input: Input,
    options?: Options<M>,
  ): Promise<Predicted<M, Input>> {
    const isOne = typeof input === "string";
    const content = { ...options, ...(isOne ? { text: input } : { texts: input }) };
    const answer = await this.#http.post<object>(ANSWERED_AT[model], content);
    const predictions = "predictions" in answer ? (answer.predictions as object[]) : [answer];
    return (isOne ? predictions[0] : predictions) as Predicted<M, Input>;
  }

  /** Have the model loaded where it is served, and return what asks it. */
  async loadModel<M extends Model>(model: M): Promise<LoadedModel<M>> {
    return new LoadedModel(this, model, await this.modelInfo(model));
  }

  /** Describe the version that answers: its labels and limits, and how good it is on which data. */
  async modelInfo<M extends Model>(model: M): Promise<ModelInfo<M>> {
    return this.#http.get(`/${model}/model-info`);
  }

  /** Return the version that answers this client's routing key, or without a key the champion: v1.0.0. */
  async getModelVersion(model: Model): Promise<string> {
    return (await this.modelInfo(model)).version;
  }

  /** Say whether the model has a version that can answer. */
  async isModelAvailable(model: Model): Promise<boolean> {
    try {
      return (await this.#http.get<Got<`/${Model}/health`>>(`/${model}/health`)).model_loaded;
    } catch (error) {
      if (error instanceof ColdframeError && error.status === MODEL_UNAVAILABLE) return false;
      throw error;
    }
  }

  /** Return the published versions of every model, those without an endpoint too. */
  async listAvailableModels(): Promise<Record<string, string[]>> {
    return (await this.#http.get<ListedModels>("/ml-models")).models;
  }

  /** Describe a published version, the newest one unless another is named. */
  async loadModelMetadata(model: string, version?: string): Promise<ModelVersion> {
    const query = version === undefined ? "" : `?version=${encodeURIComponent(version)}`;
    return this.#http.get(`/ml-models/${encodeURIComponent(model)}${query}`);
  }
}
