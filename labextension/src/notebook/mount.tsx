import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

import { KernelApi } from '../api/kernel';
import type { Host } from '../components/host';
import { makeQueryClient, Root } from '../components/host';
import type { InsertDetail } from '../insert-code';
import { INSERT_EVENT } from '../insert-code';
import type { RenderProps, WidgetOptions } from './model';
import { loadPlotly } from './plotly';

/** Voilà shows a notebook's outputs as a page: there is nothing to insert into, and the card may fill the page. */
function onPage(): boolean {
  return document.body.dataset['voila'] !== undefined || document.querySelector('.jp-NotebookPanel') === null;
}

/** Asks the page to insert a cell below the one that `from` is in. The DataAsk extension of Lab listens. */
function insertCell(code: string, from: Element): Promise<boolean> {
  const event = new CustomEvent<InsertDetail>(INSERT_EVENT, { detail: { code }, bubbles: true, cancelable: true });
  return Promise.resolve(!from.dispatchEvent(event));
}

/** Makes an anywidget out of a component. */
export function widget(content: (options: Partial<WidgetOptions>) => ReactNode): { render(props: RenderProps): () => void } {
  return {
    render({ model, el }) {
      const api = new KernelApi(model);
      const page = onPage();
      const host: Host = { api, surface: 'notebook', loadPlotly: () => loadPlotly(api), insertCell, reader: page };
      if (page) {
        // What stands above it, once it has a place: on a phone the rest of the screen is the chat's.
        requestAnimationFrame(() => {
          el.style.setProperty('--da-page-top', `${Math.max(0, Math.round(el.getBoundingClientRect().top))}px`);
        });
      }
      const root = createRoot(el);
      const client = makeQueryClient();
      root.render(
        <Root host={host} client={client} page={page}>
          {content(model.get('options') ?? {})}
        </Root>
      );
      return () => {
        root.unmount();
        client.clear();
        api.dispose();
      };
    }
  };
}
