import type { SettingsTab } from '../components/host';

/** Below the server's base URL, the part that all pages share. */
const PAGES = 'dataask/';

/** Where a page is. */
export type Route =
  | { page: 'home' | 'login' | 'signup' | 'invitation' | 'reset' | 'account' | 'audit' | 'missing' }
  | { page: 'ask'; workspace: string | null; conversation: string | null; connection: string | null }
  | { page: 'workspace'; id: string; tab: WorkspaceTab | null };

export type WorkspaceTab = SettingsTab | 'audit';

const TABS: readonly string[] = ['general', 'members', 'invitations', 'roles', 'audit'];

/** Whether people see the page who aren't signed in. */
export function isPublic(route: Route): boolean {
  return PUBLIC.has(route.page);
}

const PUBLIC = new Set(['login', 'signup', 'invitation', 'reset']);

const ID = /^[0-9a-f]{32}$/;
const SIMPLE = new Set(['login', 'signup', 'invitation', 'reset', 'account', 'audit']);

function id(value: string | null): string | null {
  return value !== null && ID.test(value) ? value : null;
}

/** The route of an address. */
export function routeOf(address: string, baseUrl: string): Route {
  const url = new URL(address, 'http://page.invalid');
  const root = `${baseUrl}${PAGES}`;
  if (url.pathname === root || `${url.pathname}/` === root) {
    return { page: 'home' };
  }
  const name = url.pathname.startsWith(root) ? url.pathname.slice(root.length) : '';
  if (name === 'ask') {
    const { searchParams } = url;
    return {
      page: 'ask',
      workspace: id(searchParams.get('workspace')),
      conversation: id(searchParams.get('conversation')),
      connection: id(searchParams.get('connection'))
    };
  }
  if (name.startsWith('workspaces/') && ID.test(name.slice('workspaces/'.length))) {
    const tab = url.searchParams.get('tab');
    return {
      page: 'workspace',
      id: name.slice('workspaces/'.length),
      tab: tab !== null && TABS.includes(tab) ? (tab as WorkspaceTab) : null
    };
  }
  return SIMPLE.has(name) ? { page: name as 'account' } : { page: 'missing' };
}

/** The address of a route, below the server's base URL. */
export function addressOf(route: Route, baseUrl: string): string {
  const root = `${baseUrl}${PAGES}`;
  switch (route.page) {
    case 'home':
    case 'missing':
      return root;
    case 'workspace':
      return `${root}workspaces/${route.id}${route.tab === null ? '' : `?tab=${route.tab}`}`;
    case 'ask': {
      const search = new URLSearchParams();
      for (const name of ['workspace', 'conversation', 'connection'] as const) {
        const value = route[name];
        if (value !== null) {
          search.set(name, value);
        }
      }
      const query = search.toString();
      return query === '' ? `${root}ask` : `${root}ask?${query}`;
    }
    default:
      return `${root}${route.page}`;
  }
}

// Browsers drop these from addresses, so they could hide what follows.
const AMBIGUOUS = /[\u0000-\u0020\u007f\\]/;

/**
 * The address, if it is a page of this server; else home. It may come from a link that anybody wrote. The server
 * judges by the same rules (`own_path.py`).
 */
export function ownPath(value: string | null, baseUrl: string): string {
  const home = `${baseUrl}${PAGES}`;
  const address = (value ?? '').split('#')[0] ?? '';
  if (address.length > 2_000 || !`${address.split('?')[0]}/`.startsWith(home)) {
    return home;
  }
  let plain = address;
  for (let round = 0; round < 4; round++) {
    const path = plain.split('?')[0] ?? '';
    const dotted = path.split('/').some(part => part === '.' || part === '..');
    if (AMBIGUOUS.test(plain) || path.includes('//') || path.includes('#') || dotted) {
      return home;
    }
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return home;
    }
    if (decoded === path) {
      return `${path}/`.startsWith(`${home}api/`) ? home : address;
    }
    plain = decoded;
  }
  return home;
}
