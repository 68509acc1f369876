// Prints what a browser downloads before the first question, and fails when it is over the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = new URL('../../dataask_jupyter/', import.meta.url).pathname;
const gzipped = path => gzipSync(readFileSync(path), { level: 9 }).length;
const labFolder = join(root, 'labextension/static');

/** Every script of the extension but the licence list: more than Lab loads at its start, so an upper bound. */
const labScripts = readdirSync(labFolder).filter(name => name.endsWith('.js'));

const figures = [
  {
    name: 'labextension, initial scripts',
    bytes: labScripts.reduce((sum, name) => sum + gzipped(join(labFolder, name)), 0),
    limit: 150_000
  },
  { name: 'chat widget', bytes: gzipped(join(root, 'widgets/static/chat.js')), limit: 250_000 },
  { name: 'schema widget', bytes: gzipped(join(root, 'widgets/static/schema.js')), limit: 250_000 },
  { name: 'plotly, on first chart', bytes: gzipped(join(root, 'static/plotly.js')), limit: 450_000 }
].map(figure => ({ ...figure, unit: 'bytes gzipped', ok: figure.bytes < figure.limit }));

process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
process.exitCode = figures.every(figure => figure.ok) ? 0 : 1;
