// A peer: the page itself, compiled by React Compiler, which memoizes what its own switches leave.

import { transformFileAsync } from "@babel/core";
import compiler from "babel-plugin-react-compiler";

const OPTIONS = { babelrc: false, configFile: false, parserOpts: { plugins: ["typescript", "jsx"] }, plugins: [compiler] };

/** The plugin of esbuild that compiles the page's own sources. */
export default {
  name: "React Compiler",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]frontend[\\/]src[\\/][^\\/]+\.tsx?$/ }, async ({ path }) => ({
      contents: (await transformFileAsync(path, OPTIONS)).code,
      loader: "tsx",
    })),
};
