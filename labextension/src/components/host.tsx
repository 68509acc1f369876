import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useState } from 'react';

import type { DataAskApi } from '../api/api';
import { Live } from './ui/live';
import { Tips } from './ui/tooltip';

/** What a place gives to the components that it shows. */
export interface Host {
  api: DataAskApi;
  /** `lab` panels fill their pane; `notebook` cards sit in a cell or on a Voilà page; `page` is DataAsk's own. */
  surface: 'lab' | 'notebook' | 'page';
  /** Plotly's module; loaded when the first chart needs it. */
  loadPlotly(): Promise<Plotly>;
  /** Puts code into a notebook cell. False when there is nobody to do it; the code is copied instead. */
  insertCell(code: string, from: Element): Promise<boolean>;
  /** True on a page that somebody published: there are no cells to insert into, and nothing to change. */
  reader: boolean;
  /** Opens the panel of a conversation, of a new one, or of a table; absent where there are no panels. */
  panels?: Panels;
}

export interface Panels {
  openChat(target: ChatTarget): void;
  openTable(target: TableTarget): void;
  /** Opens the settings of a workspace; absent where they have no place. */
  openSettings?(target: SettingsTarget): void;
  /** Opens the audit log of a workspace; absent where it has no place. */
  openAudit?(target: AuditTarget): void;
}

export type SettingsTab = 'general' | 'members' | 'invitations' | 'roles';

export interface SettingsTarget {
  workspaceId: string;
  tab?: SettingsTab;
}

export interface AuditTarget {
  workspaceId: string;
}

export interface ChatTarget {
  workspaceId?: string | undefined;
  conversationId?: string | null;
  connectionId?: string | null;
  /** A question to put into the composer. */
  draft?: string | undefined;
}

export interface TableTarget {
  workspaceId: string;
  connectionId: string;
  connectionName: string;
  tile: string;
  table: string;
  schemaName: string | null;
}

/** The few calls that DataAsk makes to Plotly. */
export interface Plotly {
  react(element: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<unknown>;
  purge(element: HTMLElement): void;
  Plots: { resize(element: HTMLElement): unknown };
}

const HostContext = createContext<Host | null>(null);
const PortalContext = createContext<HTMLElement | null>(null);

export function useHost(): Host {
  const host = useContext(HostContext);
  if (!host) {
    throw new Error('DataAsk components need a HostProvider');
  }
  return host;
}

/**
 * Where menus and dialogs go. Below the body: Lab's panels and container queries contain their layout, so a menu
 * inside a surface would be cut off at its edge.
 */
export function usePortal(): HTMLElement | null {
  return useContext(PortalContext);
}

/** One cache for all surfaces of a page that share an API. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' }
    }
  });
}

interface RootProps {
  host: Host;
  client: QueryClient;
  /** True where the surface is the page, as under Voilà. */
  page?: boolean;
  children: ReactNode;
}

/** The outermost element of every surface. */
export function Root({ host, client, page = false, children }: RootProps): JSX.Element {
  const [portal, setPortal] = useState<HTMLElement | null>(null);
  useEffect(() => {
    const made = document.createElement('div');
    made.className = 'da-root da-portal';
    if (host.surface === 'notebook') {
      made.dataset['lmSuppressShortcuts'] = 'true';
    }
    document.body.append(made);
    setPortal(made);
    return () => made.remove();
  }, [host.surface]);
  return (
    <QueryClientProvider client={client}>
      <HostContext.Provider value={host}>
        <PortalContext.Provider value={portal}>
          <Tips>
            <Live>
              <div
                className="da-root da-surface"
                data-surface={host.surface}
                data-page={page}
                // In a cell, notebook command mode would take single letters for its own commands.
                {...(host.surface === 'notebook' ? { 'data-lm-suppress-shortcuts': 'true' } : {})}
              >
                {children}
              </div>
            </Live>
          </Tips>
        </PortalContext.Provider>
      </HostContext.Provider>
    </QueryClientProvider>
  );
}
