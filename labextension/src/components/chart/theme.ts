import type { Figure } from '../../api/types';

/** Colours in a figure are names of design tokens, `--da-c-1`, or with an opacity, `--da-c-1/0.1`. */
const TOKEN = /^(--da-[a-z0-9-]+)(?:\s*\/\s*(\d*\.?\d+))?$/;

export type ReadColour = (token: string) => string;

/** A copy of the JSON value with every token name replaced by its colour. Typed arrays and long lists pass unread. */
export function resolveTokens(value: unknown, read: ReadColour): unknown {
  if (typeof value === 'string') {
    const match = TOKEN.exec(value);
    return match?.[1] === undefined ? value : withOpacity(read(match[1]), match[2]);
  }
  if (Array.isArray(value)) {
    return value.map(item => (typeof item === 'string' || typeof item === 'object' ? resolveTokens(item, read) : item));
  }
  if (typeof value === 'object' && value !== null) {
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      // Data columns hold the user's own values, which may look like anything.
      copy[key] = DATA.has(key) ? item : resolveTokens(item, read);
    }
    return copy;
  }
  return value;
}

const DATA = new Set(['x', 'y', 'values', 'labels', 'text', 'customdata', 'ids', 'hovertext', 'name', 'bdata']);

function withOpacity(colour: string, opacity: string | undefined): string {
  const match = /^rgba?\((\d+),\s*(\d+),\s*(\d+)/.exec(colour);
  return opacity === undefined || !match ? colour : `rgba(${match[1]}, ${match[2]}, ${match[3]}, ${opacity})`;
}

/**
 * Reads design tokens as the colours of the moment. Plotly takes only plain colours, and a token's own value is an
 * unresolved `light-dark(…)` or `color-mix(…)`: so the browser computes it on a hidden element and paints it on one pixel.
 */
export function colourReader(root: HTMLElement): ReadColour & { dispose(): void } {
  const probe = document.createElement('span');
  probe.hidden = true;
  root.append(probe);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map<string, string>();
  const read = (token: string): string => {
    const found = known.get(token);
    if (found !== undefined) {
      return found;
    }
    probe.style.color = `var(${token})`;
    const computed = getComputedStyle(probe).color;
    let colour = computed;
    if (pen) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = computed;
      pen.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 255] = pen.getImageData(0, 0, 1, 1).data;
      colour = alpha === 255 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
    }
    known.set(token, colour);
    return colour;
  };
  return Object.assign(read, { dispose: () => probe.remove() });
}

/** The figure in the theme of the moment, at this size. */
export function themed(
  figure: Figure,
  read: ReadColour,
  { font, width, height }: { font: string; width: number; height: number }
): Figure {
  const layout = resolveTokens(figure.layout, read) as Record<string, unknown>;
  const text = read('--da-text-2');
  return {
    data: figure.data.map(trace => resolveTokens(trace, read) as Record<string, unknown>),
    layout: {
      dragmode: false,
      ...layout,
      width,
      height,
      autosize: false,
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: { size: 11, ...(layout['font'] as object | undefined), family: font, color: text },
      hoverlabel: {
        align: 'left',
        ...(layout['hoverlabel'] as object | undefined),
        bgcolor: read('--da-bg-raised'),
        bordercolor: read('--da-border'),
        font: { family: font, size: 12, color: read('--da-text') }
      }
    }
  };
}

/** Calls back after the theme changed, and returns how to stop. */
export function watchTheme(root: HTMLElement, changed: () => void): () => void {
  let frame = 0;
  const later = (): void => {
    cancelAnimationFrame(frame);
    // Lab swaps its style sheet around the attribute change; one frame later the new colours compute.
    frame = requestAnimationFrame(changed);
  };
  const observer = new MutationObserver(later);
  const watched = { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'data-theme', 'class'] };
  observer.observe(document.body, watched);
  const surface = root.closest('.da-root');
  if (surface) {
    observer.observe(surface, watched);
  }
  const media = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
  media?.addEventListener('change', later);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    media?.removeEventListener('change', later);
  };
}
