// Prints what a browser downloads before the first question, and fails when it is over the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = new URL('../../dataask_jupyter/', import.meta.url).pathname;
const gzipped = path => gzipSync(readFileSync(path), { level: 9 }).length;
const labFolder = join(root, 'labextension/static');

/** The panels that load when somebody opens them: settings of a workspace, its audit log. */
const late = name => name.startsWith('people.');

/** Every other script of the extension: more than Lab loads at its start, so an upper bound. */
const scripts = readdirSync(labFolder).filter(name => name.endsWith('.js'));
const sum = names => names.reduce((total, name) => total + gzipped(join(labFolder, name)), 0);

/** A script and the chunks that it can't start without. */
function withImports(path, seen = new Set()) {
  if (!seen.has(path)) {
    seen.add(path);
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g)) {
      withImports(join(dirname(path), name), seen);
    }
  }
  return seen;
}

const figures = [
  {
    name: 'labextension, initial scripts',
    bytes: sum(scripts.filter(name => !late(name))),
    limit: 150_000
  },
  { name: 'workspace settings and audit log, when opened', bytes: sum(scripts.filter(late)), limit: 40_000 },
  { name: 'chat widget', bytes: gzipped(join(root, 'widgets/static/chat.js')), limit: 250_000 },
  { name: 'schema widget', bytes: gzipped(join(root, 'widgets/static/schema.js')), limit: 250_000 },
  {
    name: 'sign-in page',
    bytes: [...withImports(join(root, 'static/pages/main.js'))].reduce((sum, path) => sum + gzipped(path), 0),
    limit: 90_000
  },
  { name: 'plotly, on first chart', bytes: gzipped(join(root, 'static/plotly.js')), limit: 450_000 }
].map(figure => ({ ...figure, unit: 'bytes gzipped', ok: figure.bytes < figure.limit }));

process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
process.exitCode = figures.every(figure => figure.ok) ? 0 : 1;
