import type { KernelApi } from '../api/kernel';
import type { Plotly } from '../components/host';

/** Widgets of one page are separate bundles, but one Plotly is enough for all of them. */
const CACHE = Symbol.for('dataask.plotly');
type Cache = Record<symbol, Promise<Plotly> | undefined>;

/** Plotly through the kernel: the page may not reach the server that has the file. */
export function loadPlotly(api: KernelApi): Promise<Plotly> {
  const cache = globalThis as unknown as Cache;
  cache[CACHE] ??= fetchPlotly(api).catch((error: unknown) => {
    cache[CACHE] = undefined;
    throw error;
  });
  return cache[CACHE];
}

async function fetchPlotly(api: KernelApi): Promise<Plotly> {
  const bytes = await api.asset('plotly');
  const url = URL.createObjectURL(new Blob([bytes], { type: 'text/javascript' }));
  try {
    const module = (await import(/* @vite-ignore */ url)) as { default: Plotly };
    return module.default;
  } finally {
    URL.revokeObjectURL(url);
  }
}
