// The stand-alone pages: one entry, and chunks that load when a page needs them. Names carry a hash, so that a
// browser with an old chunk never meets a new one.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = '../dataask_jupyter/static/pages';
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/pages/main.tsx' },
  outdir,
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning'
});
