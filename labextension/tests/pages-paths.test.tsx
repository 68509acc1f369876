import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Route } from '../src/pages/paths';
import { addressOf, ownPath, routeOf } from '../src/pages/paths';
import { Link, RouterProvider, useRouter, useTitle } from '../src/pages/router';
import { id } from './fixtures';

const BASE = '/base/';

describe('addresses', () => {
  const routes: Route[] = [
    { page: 'home' },
    { page: 'login' },
    { page: 'account' },
    { page: 'ask', workspace: null, conversation: null, connection: null },
    { page: 'ask', workspace: id(1), conversation: id(2), connection: id(3) },
    { page: 'workspace', id: id(4), tab: null },
    { page: 'workspace', id: id(4), tab: 'members' }
  ];
  it.each(routes)('leads back to the page: %o', route => {
    expect(routeOf(addressOf(route, BASE), BASE)).toEqual(route);
  });

  it.each(['/base/dataask/nothing', '/base/dataask/workspaces/no-id', '/elsewhere', '/base/dataask/workspaces/'])(
    'knows that there is no page at %s',
    address => expect(routeOf(address, BASE)).toEqual({ page: 'missing' })
  );
});

describe('the way on after signing in', () => {
  it.each(['/base/dataask/account', '/base/dataask/ask?workspace=1', '/base/dataask/', '/base/dataask'])(
    'may be a page of ours: %s',
    address => expect(ownPath(address, BASE)).toBe(address)
  );

  it.each([
    null,
    '',
    'https://evil.example/',
    'https:evil.example',
    '//evil.example/base/dataask/',
    '/\\evil.example',
    '\\\\evil.example',
    '/%2fevil.example',
    '/base/dataask/%2f%2fevil.example',
    '/base/dataask/%252f%252fevil.example',
    '/base/dataask/%5cevil.example',
    '/base/dataask//evil.example',
    '/base/dataask/../../evil',
    '/base/dataask/%2e%2e/%2e%2e/evil',
    '/base/dataask/\t/evil.example',
    '/base/dataask/%0d%0aSet-Cookie:a=b',
    ' /base/dataask/account',
    'javascript:alert(1)',
    '/base/dataask/api/v1/auth/logout',
    '/base/logout',
    '/dataask/account',
    '/base/dataask/%zz',
    `/base/dataask/${'a'.repeat(3_000)}`
  ])('is home for anything else: %s', address => expect(ownPath(address, BASE)).toBe('/base/dataask/'));
});

function Page(): JSX.Element {
  const { route, carried } = useRouter();
  useTitle(route.page);
  return (
    <>
      <h1>{route.page}</h1>
      <p>{carried.ask ?? ''}</p>
      <Link to={{ page: 'account' }} carry={{ ask: 'how many?' }}>
        To the account
      </Link>
    </>
  );
}

describe('moving between pages', () => {
  beforeEach(() => {
    history.replaceState(null, '', '/base/dataask/');
    vi.stubGlobal('scrollTo', vi.fn());
  });

  it('changes address and title, focuses the heading, and comes back', async () => {
    render(
      <RouterProvider baseUrl={BASE}>
        <Page />
      </RouterProvider>
    );
    await userEvent.click(screen.getByRole('link', { name: 'To the account' }));
    expect(location.pathname).toBe('/base/dataask/account');
    expect(document.title).toBe('account – DataAsk');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'account' })));
    history.back();
    await screen.findByRole('heading', { name: 'home' });
  });

  it('carries a question along, outside of the address', async () => {
    render(
      <RouterProvider baseUrl={BASE}>
        <Page />
      </RouterProvider>
    );
    await userEvent.click(screen.getByRole('link', { name: 'To the account' }));
    expect(screen.getByText('how many?')).toBeTruthy();
    expect(location.href).not.toContain('how');
  });

  it('leaves a click with a modifier key to the browser', async () => {
    render(
      <RouterProvider baseUrl={BASE}>
        <Page />
      </RouterProvider>
    );
    const user = userEvent.setup();
    await user.keyboard('{Control>}');
    const link = screen.getByRole('link', { name: 'To the account' });
    // The browser's own part: jsdom opens no tabs.
    document.body.addEventListener('click', event => event.preventDefault(), { once: true });
    await user.click(link);
    expect(screen.getByRole('heading', { name: 'home' })).toBeTruthy();
  });
});
