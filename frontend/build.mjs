// Bundle the page into a folder: `node build.mjs [FOLDER [PEER]]`. The same sources and lock give the same bytes
// everywhere. A PEER is a file of peers/: a .ts is a page of its own, a .tsx the page's list with another library, a .mjs
// a plugin that compiles the page.

import { existsSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { build } from "esbuild";

import { INTERNAL } from "./internal.mjs";

const here = import.meta.dirname;
const target = process.argv[2] ?? join(here, "../perfstudy/listing/page");
const peer = process.argv[3] && join(here, "peers", process.argv[3]);
const entry = peer && existsSync(`${peer}.ts`) ? `${peer}.ts` : "src/main.tsx";
const usesReact = entry === "src/main.tsx";
const otherList = {
  name: "the list of a peer",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/RowsInSight\.tsx$/ }, () => ({ path: `${peer}.tsx` })),
};
const compiles = peer && existsSync(`${peer}.mjs`);

await rm(target, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: entry },
  plugins: compiles ? [(await import(`${peer}.mjs`)).default] : peer ? [otherList] : [],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"', __REACT_DEVTOOLS_GLOBAL_HOOK__: "undefined" },
  ...(usesReact && { mangleProps: new RegExp(`^(${INTERNAL.join("|")})$`) }),
  legalComments: "none", // they are in LICENSES.txt
  entryNames: "assets/[name]-[hash]",
  outdir: target,
  metafile: true,
  logLevel: "warning",
});

await refuseNames(Object.keys(metafile.outputs).find((path) => path.endsWith(".js")));
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

/** Fail if the script at *path* names an internal property in a string, which is not shortened with the others. */
async function refuseNames(path) {
  const script = await readFile(join(here, path), "utf8");
  const quoted = INTERNAL.filter((name) => usesReact && new RegExp(`["'\`]${name}["'\`]`).test(script));
  if (quoted.length > 0) throw new Error(`internal.mjs: ${quoted.join(", ")} stands in a string of the bundle; take it out`);
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
