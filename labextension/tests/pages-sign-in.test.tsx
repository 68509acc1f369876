import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import { ApiError } from '../src/api/problems';
import type { PageConfig } from '../src/pages/config';
import { PagesContext } from '../src/pages/context';
import { RouterProvider, useRouter } from '../src/pages/router';
import { Session } from '../src/pages/session';
import { strength } from '../src/pages/sign-in/fields';
import { Login } from '../src/pages/sign-in/Login';
import { SignUp } from '../src/pages/sign-in/SignUp';
import { inWords } from '../src/pages/sign-in/useWait';
import { fakeApi } from './fake';
import { signedIn } from './people';

const CONFIG: PageConfig = {
  mode: 'team',
  registration: 'open',
  baseUrl: '/',
  loginUrl: '/dataask/login',
  continueUrl: null,
  staticUrl: '/static/dataask/',
  version: '1',
  xsrfCookie: '_xsrf'
};

function refusal(kind: string, status: number, extra: Record<string, unknown> = {}, field?: string): ApiError {
  const errors = field === undefined ? [] : [{ field, detail: 'The server says no.' }];
  return new ApiError({ type: `/problems/${kind}`, title: kind, status, detail: 'It is so.', errors, extra });
}

function Shown(): JSX.Element {
  const { route } = useRouter();
  if (route.page === 'login') {
    return <Login />;
  }
  return route.page === 'signup' ? <SignUp /> : <h1>{`at ${route.page}`}</h1>;
}

function open(address: string, changes: Partial<DataAskApi> = {}, config: Partial<PageConfig> = {}) {
  history.replaceState(null, '', address);
  const session = new Session({ baseUrl: '/', xsrfCookie: '_xsrf', refreshes: true, leave: vi.fn() });
  const api = fakeApi(changes);
  render(
    <PagesContext.Provider value={{ config: { ...CONFIG, ...config }, session, api }}>
      <RouterProvider baseUrl="/">
        <Shown />
      </RouterProvider>
    </PagesContext.Provider>
  );
  return { session, api, user: userEvent.setup() };
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  vi.stubGlobal('scrollTo', vi.fn());
});

describe('signing in', () => {
  it('goes on to where one wanted, by keyboard alone', async () => {
    const login = vi.fn(async () => signedIn);
    const { session, user } = open('/dataask/login?next=/dataask/account', { login });
    expect(screen.getByText('to open “Account”')).toBeTruthy();
    screen.getByLabelText('E-mail').focus();
    await user.keyboard('mara@example.com{Tab}a good password{Enter}');
    await screen.findByRole('heading', { name: 'at account' });
    expect(login).toHaveBeenCalledWith({ email: 'mara@example.com', password: 'a good password' });
    expect(session.isRemembered).toBe(true);
  });

  it('goes home when the way on is not ours', async () => {
    const { user } = open('/dataask/login?next=//evil.example', { login: async () => signedIn });
    await user.type(screen.getByLabelText('E-mail'), 'mara@example.com');
    await user.type(screen.getByLabelText('Password'), 'a good password{Enter}');
    await screen.findByRole('heading', { name: 'at home' });
  });

  it('doesn’t tell which part was wrong, keeps what was typed, and focuses the password', async () => {
    const login = vi.fn(async () => Promise.reject(refusal('sign-in-failed', 401)));
    const { user } = open('/dataask/login', { login });
    await user.type(screen.getByLabelText('E-mail'), 'mara@example.com');
    await user.type(screen.getByLabelText('Password'), 'wrong{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('E-mail and password don’t match. Check both and try again.');
    expect(screen.getByLabelText<HTMLInputElement>('E-mail').value).toBe('mara@example.com');
    expect(document.activeElement).toBe(screen.getByLabelText('Password'));
  });

  it('asks the server nothing while a field is empty, and focuses the first', async () => {
    const login = vi.fn(async () => signedIn);
    const { user } = open('/dataask/login', { login });
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(login).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(screen.getByLabelText('E-mail'));
    expect(screen.getByText('Enter your password.')).toBeTruthy();
  });

  it('checks a field when it is left, not while it is typed, and then with every key', async () => {
    const { user } = open('/dataask/login');
    const field = screen.getByLabelText('E-mail');
    await user.type(field, 'mara@');
    expect(screen.queryByRole('alert')).toBeNull();
    await user.tab();
    expect(screen.getByRole('alert').textContent).toContain('Not an e-mail address');
    await user.type(field, 'example.com');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says how long to wait after too many tries, and doesn’t ask again before', async () => {
    const login = vi.fn(async () => Promise.reject(refusal('too-many-tries', 429, { seconds: 90 })));
    const { user } = open('/dataask/login', { login });
    await user.type(screen.getByLabelText('E-mail'), 'mara@example.com');
    await user.type(screen.getByLabelText('Password'), 'wrong{Enter}');
    await screen.findByText(/You can try again in 1 min (29|30) s|You can try again in 1 min 30 s/);
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(login).toHaveBeenCalledTimes(1);
  });

  it('says that Caps Lock is on', async () => {
    const { user } = open('/dataask/login');
    await user.click(screen.getByLabelText('Password'));
    await user.keyboard('{CapsLock}a');
    expect(screen.getByText('Caps Lock is on.')).toBeTruthy();
  });

  it('shows the password on request', async () => {
    const { user } = open('/dataask/login');
    await user.type(screen.getByLabelText('Password'), 'secret');
    await user.click(screen.getByRole('button', { name: 'Show password' }));
    expect(screen.getByLabelText<HTMLInputElement>('Password').type).toBe('text');
  });

  it('offers JupyterHub alone where the Hub signs people in', () => {
    open('/dataask/login?next=/dataask/account', {}, { mode: 'hub', continueUrl: '/dataask/continue' });
    const link = screen.getByRole('link', { name: 'Continue with JupyterHub' });
    expect(link.getAttribute('href')).toBe('/dataask/continue?next=%2Fdataask%2Faccount');
    expect(screen.queryByLabelText('Password')).toBeNull();
  });

  it('offers no account where nobody can make one', () => {
    open('/dataask/login', {}, { registration: 'off' });
    expect(screen.queryByRole('link', { name: 'Create an account' })).toBeNull();
  });
});

describe('making an account', () => {
  async function fill(user: ReturnType<typeof userEvent.setup>) {
    await user.type(screen.getByLabelText('Name'), 'Mara Lindt');
    await user.type(screen.getByLabelText('E-mail'), 'mara@example.com');
    await user.type(screen.getByLabelText('Password'), 'a good password{Enter}');
  }

  it('signs in and goes home', async () => {
    const register = vi.fn(async () => signedIn);
    const { user } = open('/dataask/signup', { register });
    await fill(user);
    await screen.findByRole('heading', { name: 'at home' });
    expect(register).toHaveBeenCalledWith({
      display_name: 'Mara Lindt',
      email: 'mara@example.com',
      password: 'a good password'
    });
  });

  it('takes the invitation along and goes back to it', async () => {
    sessionStorage.setItem('dataask:invitation', 'the secret of the invitation');
    const register = vi.fn(async () => signedIn);
    const { user } = open('/dataask/signup', { register }, { registration: 'invitation' });
    await fill(user);
    await screen.findByRole('heading', { name: 'at invitation' });
    expect(register).toHaveBeenCalledWith(expect.objectContaining({ invitation: 'the secret of the invitation' }));
  });

  it('puts what the server refuses on its field', async () => {
    const register = vi.fn(async () => Promise.reject(refusal('invalid-input', 422, {}, 'email')));
    const { user } = open('/dataask/signup', { register });
    await fill(user);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('E-mail')));
    expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('The server says no.')).toBeTruthy();
  });

  it('says so where accounts are by invitation only', () => {
    open('/dataask/signup', {}, { registration: 'invitation' });
    expect(screen.getByText(/New accounts are by invitation here/)).toBeTruthy();
    expect(screen.queryByLabelText('Name')).toBeNull();
  });
});

describe('words', () => {
  it('tell how strong a password is', () => {
    expect(strength('short')).toContain('At least 10');
    expect(strength('aaaaaaaaaaaaaaaa')).toContain('Weak');
    expect(strength('correct horse battery staple')).toBe('Strong.');
  });

  it('tell how long to wait', () => {
    expect([45, 60, 125].map(inWords)).toEqual(['45 s', '1 min', '2 min 5 s']);
  });
});
