/** What must compile, and what must not: read by tsc alone, never run. */
import type { Coldframe, LoadedModel, Prediction } from "../src/index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export async function rightUse(client: Coldframe): Promise<void> {
  const one = await client.predict("sentiment", "良い");
  const result: "ポジティブ" | "ネガティブ" = one.result;
  const labels: Same<typeof one.label, "positive" | "neutral" | "negative"> = true;

  const many = await client.predict("moderation", ["fine", "hello"] as const, { explain: true });
  const listed: Same<typeof many, Prediction<"moderation">[]> = true;
  const weights = many.map((prediction) => prediction.parts?.map(({ weight }) => weight * 2));

  const tickets = await client.loadModel("tickets");
  const loaded: Same<typeof tickets, LoadedModel<"tickets">> = true;
  const hours = (await tickets.predict("My printer is jammed", { tiers: [1] })).sla_hours;
  const isNumber: Same<typeof hours, number | null | undefined> = true;
  const version: Same<typeof tickets.info.version, string> = true;

  void [result, labels, listed, weights, loaded, isNumber, version];
}

export async function wrongUse(client: Coldframe): Promise<void> {
  // @ts-expect-error there is no such model
  await client.predict("weather", "sunny");
  // @ts-expect-error a text is a string
  await client.predict("sentiment", 7);
  // @ts-expect-error sentiment explains nothing
  await client.predict("sentiment", "良い", { explain: true });
  // @ts-expect-error explain is a boolean
  await client.predict("moderation", "fine", { explain: "yes" });
  // @ts-expect-error there are three tiers
  await client.predict("tickets", "My printer is jammed", { tiers: [4] });
  // @ts-expect-error the text is the second argument
  await client.predict("moderation", "fine", { text: "other" });
  // @ts-expect-error a sentiment has no risk level
  void (await client.predict("sentiment", "良い")).risk_level;
  // @ts-expect-error many texts have many predictions
  void (await client.predict("sentiment", ["良い"])).label;
  // @ts-expect-error a ticket has no such category
  void ((await client.predict("tickets", "My printer")).automation_category === "NEVER");
  // @ts-expect-error the model's name is known
  await (await client.loadModel("sentiment")).predict("良い", { tiers: [1] });
}
