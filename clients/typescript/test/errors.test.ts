import assert from "node:assert/strict";
import { test } from "node:test";

import { ColdframeError } from "../src/index.ts";
import { baseUrl, client } from "./cloud.ts";

const TOO_LONG = "あ".repeat(1001);

async function errorOf(promise: Promise<unknown>): Promise<ColdframeError> {
  const error = await promise.then(
    () => assert.fail("it was answered"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ColdframeError);
  assert.ok(error.requestId.length > 8);
  assert.ok(error.message.includes(error.detail));
  return error;
}

test("a wrong key is forbidden, whatever is asked", async () => {
  const wrong = client({ apiKey: "wrong" });
  const { status, type, errors } = await errorOf(wrong.predict("sentiment", "良い"));
  assert.deepEqual([status, type, errors], [403, "urn:coldframe:problem:forbidden", []]);
  assert.equal((await errorOf(wrong.isModelAvailable("sentiment"))).status, 403);
});

test("an address without the stage is told so, and is no unavailable model", async () => {
  const error = await errorOf(client({ baseUrl: new URL(baseUrl).origin }).isModelAvailable("sentiment"));
  assert.equal(error.status, 404);
  assert.match(error.detail, /\/v1/);
});

test("an address may end with a slash", async () => {
  assert.equal(await client({ baseUrl: `${baseUrl}/` }).isModelAvailable("sentiment"), true);
});

test("what is wrong with a text is named by a pointer to it", async () => {
  const one = await errorOf(client().predict("sentiment", " "));
  assert.deepEqual([one.status, one.type], [422, "urn:coldframe:problem:invalid-request"]);
  assert.equal(one.errors[0]?.pointer, "/text");
  const many = await errorOf(client().predict("sentiment", ["良い", TOO_LONG]));
  assert.equal(many.errors[0]?.pointer, "/texts/1");
  assert.match(many.errors[0]?.detail ?? "", /1,?000/);
});
