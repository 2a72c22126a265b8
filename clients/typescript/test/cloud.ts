import { Coldframe } from "../src/index.ts";

const { COLDFRAME_URL: baseUrl = "", COLDFRAME_API_KEY: apiKey = "" } = process.env;

/** A client of the local cloud that is running, or of something beside it. */
export function client(other: { baseUrl?: string; apiKey?: string } = {}): Coldframe {
  return new Coldframe({ baseUrl, apiKey, ...other });
}

export { baseUrl };
