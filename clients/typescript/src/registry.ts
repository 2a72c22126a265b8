/** What GET /ml-models answers. */
export interface ListedModels {
  models: Record<string, string[]>;
  /** ISO 8601, UTC */
  timestamp: string;
}

/** What GET /ml-models/{type} answers: one version, and which one is deployed. */
export interface ModelVersion {
  model_type: string;
  version: string;
  deployed_version: string | null;
  available: boolean;
  metadata: Record<string, unknown>;
}
