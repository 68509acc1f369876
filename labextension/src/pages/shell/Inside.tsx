import type { QueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';

import type { Host, Plotly, TableTarget } from '../../components/host';
import { makeQueryClient, Root } from '../../components/host';
import { t } from '../../i18n';
import type { Pages } from '../context';
import { usePages } from '../context';
import { Home } from '../home/Home';
import type { Route } from '../paths';
import { useRouter } from '../router';
import { Missing } from './Missing';
import { Shell } from './Shell';
import { TableDialog } from './TableDialog';

const Ask = lazy(() => import('../ask/Ask').then(part => ({ default: part.Ask })));
const Account = lazy(() => import('../account/Account').then(part => ({ default: part.Account })));
const ServerAudit = lazy(() => import('../audit/ServerAudit').then(part => ({ default: part.ServerAudit })));
const Workspace = lazy(() => import('../workspace/Workspace').then(part => ({ default: part.Workspace })));

/** All pages of people who are signed in. */
export function Inside(): JSX.Element {
  const pages = usePages();
  const { go, route } = useRouter();
  const [client] = useState<QueryClient>(makeQueryClient);
  const [table, setTable] = useState<TableTarget | null>(null);
  const host = useMemo<Host>(
    () => ({
      api: pages.api,
      surface: 'page',
      reader: false,
      insertCell: () => Promise.resolve(false),
      loadPlotly: () => loadPlotly(pages),
      panels: {
        openChat: target => {
          setTable(null);
          go(
            {
              page: 'ask',
              workspace: target.workspaceId ?? null,
              conversation: target.conversationId ?? null,
              connection: target.connectionId ?? null
            },
            { carry: { draft: target.draft } }
          );
        },
        openTable: setTable,
        openSettings: target => go({ page: 'workspace', id: target.workspaceId, tab: target.tab ?? null }),
        openAudit: target => go({ page: 'workspace', id: target.workspaceId, tab: 'audit' })
      }
    }),
    [go, pages]
  );
  return (
    <Root host={host} client={client}>
      <Shell>
        <Suspense fallback={<p className="da-sr">{t('Loading')}</p>}>{contentOf(route)}</Suspense>
      </Shell>
      {table && <TableDialog target={table} close={() => setTable(null)} />}
    </Root>
  );
}

function contentOf(route: Route): JSX.Element {
  switch (route.page) {
    case 'home':
      return <Home />;
    case 'ask':
      return <Ask route={route} />;
    case 'account':
      return <Account />;
    case 'audit':
      return <ServerAudit />;
    case 'workspace':
      return <Workspace key={route.id} id={route.id} tab={route.tab} />;
    default:
      return <Missing />;
  }
}

let plotly: Promise<Plotly> | null = null;

/** On the first chart, and again after a failure. */
function loadPlotly({ config }: Pages): Promise<Plotly> {
  plotly ??= import(/* @vite-ignore */ `${config.staticUrl}plotly.js?v=${config.version}`).then(
    (module: { default: Plotly }) => module.default,
    (error: unknown) => {
      plotly = null;
      throw error;
    }
  );
  return plotly;
}
