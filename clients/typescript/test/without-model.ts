import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "./cloud.ts";

test("a model without a version that can answer is not available, and is not loaded", async () => {
  assert.equal(await client().isModelAvailable("sentiment"), false);
  await assert.rejects(client().loadModel("sentiment"), { name: "ColdframeError", status: 503 });
});
