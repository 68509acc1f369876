// Builds the page with every state into the folder given, to be served by anything: node scripts/dev.mjs /tmp/dev
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const target = process.argv[2];
if (target === undefined) {
  throw new Error('usage: node scripts/dev.mjs FOLDER');
}
mkdirSync(target, { recursive: true });
for (const name of ['dev/index.html', 'dev/lab-theme.css', '../dataask_jupyter/static/plotly.js']) {
  copyFileSync(name, join(target, name.split('/').pop()));
}
await build({
  entryPoints: ['dev/main.tsx'],
  outdir: target,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"development"' },
  logLevel: 'warning'
});
