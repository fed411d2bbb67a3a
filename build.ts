/**
 * `npm run build`: one file each for the operator, the gate and the command line in dist/, so that neither ships
 * node_modules. `node build.ts FOLDER NAME…` puts only those into that folder.
 */
import { build, type Plugin } from 'esbuild';

/**
 * What KubeConfig of @kubernetes/client-node, the only thing that is used of it, loads for requests that it could send:
 * an HTTP client and the models of every kind. src/kube/ has an HTTP client of its own, so they are never called.
 */
const unused = /^(undici|body-parser)$|\/gen\/(index|middleware|rxjsStub)\.js$/;

const leaveOut: Plugin = {
  name: 'leave out what is never called',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

const [folder = 'dist', ...asked] = process.argv.slice(2);
const names = asked.length > 0 ? asked : ['operator', 'gate', 'cli'];

await build({
  entryPoints: names.map((name) => `src/${name}.ts`),
  outdir: folder,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Nothing is frozen that only tests could change by mistake.
  define: { 'process.env.NODE_ENV': '"production"' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // Names stay, for stack traces that can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: folder === 'dist' ? 'info' : 'warning',
  plugins: [leaveOut],
  // CommonJS packages inside an ES module ask for `require`.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
