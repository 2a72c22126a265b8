/** What the registry says of models and their versions. */
import type { Got } from "./contract.ts";

/** The published versions of every model. */
export type ListedModels = Got<"/ml-models">;

/** One version, and which one is deployed. */
export type ModelVersion = Got<"/ml-models/{model_type}">;
