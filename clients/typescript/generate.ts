/** Writes src/generated: the types of each OpenAPI document in docs/openapi, and which models there are. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";

import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENTS = new URL("../../docs/openapi/", import.meta.url);
const GENERATED = new URL("src/generated/", import.meta.url);

async function main(): Promise<void> {
  await rm(GENERATED, { recursive: true, force: true });
  await mkdir(GENERATED);
  const names = (await readdir(DOCUMENTS)).map((file) => basename(file, ".json")).sort();
  for (const name of names) {
    const document = new URL(`${name}.json`, DOCUMENTS);
    await writeFile(new URL(`${name}.ts`, GENERATED), astToString(await openapiTS(document)));
  }
  await writeFile(new URL("index.ts", GENERATED), await index(names));
}

/** All documents' paths in one type, and the path at which each model answers texts. */
async function index(names: string[]): Promise<string> {
  const found = await Promise.all(names.map(async (name) => [name, await answeredAt(name)]));
  const models = Object.fromEntries(found.filter(([, path]) => path));
  const paths = names.map((name) => `import("./${name}.ts").paths`);
  return [
    `export type Paths = ${paths.join(" & ")};`,
    `export const ANSWERED_AT = ${JSON.stringify(models, null, 2)} as const;\n`,
  ].join("\n");
}

async function answeredAt(name: string): Promise<string | undefined> {
  const { paths } = JSON.parse(await readFile(new URL(`${name}.json`, DOCUMENTS), "utf8"));
  return [`/${name}/predict`, `/${name}/classify`].find((path) => path in paths);
}

await main();
