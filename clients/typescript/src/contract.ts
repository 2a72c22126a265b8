/** What the OpenAPI documents say of the models, by the model's name. */
import type { ANSWERED_AT, Paths } from "./generated/index.ts";

/** The models that answer texts. */
export type Model = keyof typeof ANSWERED_AT;

/** What a GET of this path answers. */
export type Got<Path extends keyof Paths> = Paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

type Asked<M extends Model> = Paths[(typeof ANSWERED_AT)[M]]["post"];
type Body<M extends Model> = Asked<M>["requestBody"]["content"]["application/json"];
type Answer<M extends Model> = Asked<M>["responses"][200]["content"]["application/json"];

/** What a model says of one text. */
export type Prediction<M extends Model> = Extract<
  Answer<M>,
  { predictions: unknown }
>["predictions"][number];

/** One prediction for a text, and one for each of several, in order. */
export type Predicted<M extends Model, Input> = Input extends string ? Prediction<M> : Prediction<M>[];

/** What a model takes beside texts: moderation `explain`, tickets `tiers`. */
export type Options<M extends Model> = {
  [Name in Exclude<keyof Body<M>, "text" | "texts">]?: Body<M>[Name];
} & { text?: never; texts?: never };

/** The version that answers: its labels and limits, and how good it is on which data. */
export type ModelInfo<M extends Model> = Got<`/${M}/model-info`>;

/** What went wrong, in the form of RFC 9457. */
export type Problem = Asked<Model>["responses"][422]["content"]["application/problem+json"];
