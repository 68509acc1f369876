// Plotly as one ES module with a default export. The Lab panels import it from the server's static files,
// the widgets from a Blob of the same file, both on first use.
import { build } from 'esbuild';

await build({
  stdin: {
    contents: "import Plotly from 'plotly.js-basic-dist-min';\nexport default Plotly;\n",
    resolveDir: process.cwd()
  },
  outfile: '../dataask_jupyter/static/plotly.js',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'inline',
  logLevel: 'warning'
});
