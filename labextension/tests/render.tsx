import type { RenderResult } from '@testing-library/react';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import type { Host, Plotly } from '../src/components/host';
import { makeQueryClient, Root } from '../src/components/host';

export const plotly = {
  react: vi.fn<Plotly['react']>(async () => undefined),
  purge: vi.fn<Plotly['purge']>(),
  Plots: { resize: vi.fn() }
};

export function makeHost(api: DataAskApi, change: Partial<Host> = {}): Host {
  return {
    api,
    surface: 'lab',
    reader: false,
    insertCell: async () => true,
    loadPlotly: async () => plotly,
    panels: { openChat: vi.fn(), openTable: vi.fn() },
    ...change
  };
}

export function show(host: Host, children: ReactNode): RenderResult {
  return render(
    <Root host={host} client={makeQueryClient()}>
      {children}
    </Root>
  );
}
