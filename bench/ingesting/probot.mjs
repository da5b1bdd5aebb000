// Probot, doing nothing with every issue that is opened.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.BENCH_PROBOT}/package.json`);
const { run } = await import(pathToFileURL(require.resolve("probot")).href);
await run((app) => {
  app.on("issues.opened", async () => {});
});
