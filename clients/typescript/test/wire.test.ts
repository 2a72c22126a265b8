/** What is sent and how odd answers are read, by a server that stands in for the API. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { Coldframe, ColdframeError } from "../src/index.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function served<T>(answer: Answer, use: (client: Coldframe) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const settings = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "a-key", routingKey: "user 7" };
  try {
    return await use(new Coldframe(settings));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function json(content: object): Answer {
  return (_, response) => response.setHeader("content-type", "application/json").end(JSON.stringify(content));
}

test("every request has the API key and the routing key", async () => {
  const seen: unknown[] = [];
  const answer: Answer = ({ headers }, response) => {
    seen.push([headers["x-api-key"], headers["x-routing-key"], headers["content-type"]]);
    json({ predictions: [] })({} as IncomingMessage, response);
  };
  await served(answer, async (client) => {
    await client.predict("sentiment", ["良い"]);
    await client.modelInfo("sentiment");
  });
  assert.deepEqual(seen, [
    ["a-key", "user 7", "application/json"],
    ["a-key", "user 7", undefined],
  ]);
});

test("an answer that is no problem document is an error all the same", async () => {
  const answer: Answer = (_, response) => response.writeHead(502, "Bad Gateway").end("<html>".repeat(100));
  const error = await served(answer, (client) => client.modelInfo("sentiment").catch((reason) => reason));
  assert.ok(error instanceof ColdframeError);
  assert.deepEqual([error.status, error.title, error.detail.length], [502, "Bad Gateway", 200]);
});
