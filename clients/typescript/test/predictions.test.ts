import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "./cloud.ts";

const TEXTS = ["この商品は素晴らしいです！", "最悪の商品でした", "普通の商品だと思います"];
const coldframe = client();

test("one text has one prediction", async () => {
  const { result, label, model_version } = await coldframe.predict("sentiment", "最悪の商品でした");
  assert.deepEqual([result, label, model_version], ["ネガティブ", "negative", "v1.0.0"]);
});

test("several texts have one prediction each, in order, and equal to those of single texts", async () => {
  const many = await coldframe.predict("sentiment", TEXTS);
  assert.deepEqual(
    many.map(({ label }) => label),
    ["positive", "negative", "neutral"],
  );
  assert.deepEqual(many, await Promise.all(TEXTS.map((text) => coldframe.predict("sentiment", text))));
});

test("moderation says what to do, and on request what weighed most", async () => {
  const [fine, abusive] = await coldframe.predict(
    "moderation",
    ["Have a nice day, everyone", "shut up you moron"],
    { explain: true },
  );
  assert.equal(fine?.recommended_action, "ALLOW");
  assert.equal(abusive?.recommended_action, "BLOCK");
  assert.equal(abusive?.parts?.[0]?.part, "moron");
});

test("moderation of one text is one prediction", async () => {
  const { text_hash, label } = await coldframe.predict("moderation", "Have a nice day, everyone");
  assert.equal(label, "benign");
  assert.match(text_hash, /^1e57d89f/);
});

test("a ticket is classified, by the tiers that are asked for", async () => {
  const tickets = await coldframe.loadModel("tickets");
  const ticket = await tickets.predict("I forgot my password and my account is locked");
  assert.equal(ticket.routing_team, "Identity and Access Team");
  assert.ok(ticket.automation_category);
  const [first] = await tickets.predict(["I forgot my password"], { tiers: [1] });
  assert.ok(first?.routing_team);
  assert.equal(first?.automation_category, undefined);
});

test("a loaded model knows its version and what it is", async () => {
  const sentiment = await coldframe.loadModel("sentiment");
  assert.equal(sentiment.name, "sentiment");
  assert.deepEqual([...sentiment.info.labels].sort(), ["negative", "neutral", "positive"]);
  assert.equal(await coldframe.getModelVersion("sentiment"), sentiment.info.version);
  assert.equal((await sentiment.predict("良い")).model_version, sentiment.info.version);
});

test("models that can answer are available", async () => {
  for (const model of ["sentiment", "moderation", "tickets"] as const) {
    assert.equal(await coldframe.isModelAvailable(model), true);
  }
});

test("models are listed with their versions", async () => {
  const models = await coldframe.listAvailableModels();
  assert.deepEqual(Object.keys(models).sort(), ["moderation", "sentiment", "tickets"]);
  assert.deepEqual(models.sentiment, ["v1.0.0"]);
});

test("a version says what it is, and which one is deployed", async () => {
  const newest = await coldframe.loadModelMetadata("sentiment");
  assert.deepEqual(
    [newest.version, newest.deployed_version, newest.available],
    ["v1.0.0", "v1.0.0", true],
  );
  assert.deepEqual(await coldframe.loadModelMetadata("sentiment", "v1.0.0"), newest);
  await assert.rejects(coldframe.loadModelMetadata("sentiment", "v9.0.0"), /v1\.0\.0/);
});
