import '../../style/pages-index.css';

import { createRoot } from 'react-dom/client';

import { RestApi } from '../api/rest';
import { App } from './App';
import { readConfig } from './config';
import { PagesContext } from './context';
import { isPublic, routeOf } from './paths';
import { RouterProvider } from './router';
import { onSignOut, Session } from './session';
import { showTheme, theme } from './theme';

const config = readConfig();
showTheme(theme(), false);
hideToken();

function leave(): void {
  const here = `${location.pathname}${location.search}`;
  // Pages for everybody say themselves what is to be done without a session.
  if (!isPublic(routeOf(here, config.baseUrl))) {
    location.assign(`${config.loginUrl}?next=${encodeURIComponent(here)}`);
  }
}

/** Jupyter lets people in by `?token=…`; it has no business in the history. */
function hideToken(): void {
  const url = new URL(location.href);
  if (url.searchParams.has('token')) {
    url.searchParams.delete('token');
    history.replaceState(null, '', `${url.pathname}${url.search}${url.hash}`);
  }
}

const session = new Session({
  baseUrl: config.baseUrl,
  xsrfCookie: config.xsrfCookie,
  refreshes: config.mode === 'team',
  leave
});
onSignOut(leave);

const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <PagesContext.Provider value={{ config, session, api: new RestApi(config.baseUrl, session.fetch) }}>
      <RouterProvider baseUrl={config.baseUrl}>
        <App />
      </RouterProvider>
    </PagesContext.Provider>
  );
}
