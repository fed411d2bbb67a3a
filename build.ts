/** `npm run build`: one file each for the operator and the command line, so that neither ships node_modules. */
import { build } from 'esbuild';

await build({
  entryPoints: ['src/operator.ts', 'src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'info',
  // CommonJS packages inside an ES module ask for `require`.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
