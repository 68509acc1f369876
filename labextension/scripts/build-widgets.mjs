// One self-contained ES module and one style sheet per notebook surface: anywidget imports each from a Blob URL,
// where relative imports and shared chunks can't work.
import { build } from 'esbuild';

await build({
  entryPoints: { chat: 'src/notebook/chat.tsx', schema: 'src/notebook/schema.tsx' },
  outdir: '../dataask_jupyter/widgets/static',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning'
});
