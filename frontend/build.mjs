// Bundle the page into a folder: `node build.mjs [FOLDER [PEER]]`. The same sources and lock give the same bytes
// everywhere. A PEER is a file of peers/: a .ts is a page of its own, a .tsx the page's list with another library.

import { existsSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { build } from "esbuild";

const here = import.meta.dirname;
const target = process.argv[2] ?? join(here, "../perfstudy/listing/page");
const peer = process.argv[3] && join(here, "peers", process.argv[3]);
const entry = peer && existsSync(`${peer}.ts`) ? `${peer}.ts` : "src/main.tsx";
const list = {
  name: "the list of a peer",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/RowsInSight\.tsx$/ }, () => ({ path: `${peer}.tsx` })),
};

await rm(target, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: entry },
  plugins: peer ? [list] : [],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none", // they are in LICENSES.txt
  entryNames: "assets/[name]-[hash]",
  outdir: target,
  metafile: true,
  logLevel: "warning",
});

await writeFile(join(target, "index.html"), await page(Object.keys(metafile.outputs)));
await writeFile(join(target, "LICENSES.txt"), await licenses(Object.keys(metafile.inputs)));

/** Return the page, with the names of the built assets in place of the plain ones. */
async function page(outputs) {
  let html = await readFile(join(here, "src/index.html"), "utf8");
  for (const name of outputs.map((path) => basename(path))) {
    html = html.replace(`/assets/app${name.slice(name.lastIndexOf("."))}`, `/assets/${name}`);
  }
  return html;
}

/** Return the licence of each package that is in the bundle. */
async function licenses(inputs) {
  const places = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const parts = [...places].sort().map(async (place) => {
    const folder = join(here, place);
    const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
  });
  return (await Promise.all(parts)).join(`\n${"-".repeat(79)}\n\n`);
}
