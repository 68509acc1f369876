import { describe, expect, it, vi } from 'vitest';

import { Session } from '../src/pages/session';

const API = '/base/dataask/api/v1/';

function answer(status: number, kind?: string): Response {
  const body = kind === undefined ? '{}' : JSON.stringify({ type: `/problems/${kind}`, title: kind, status });
  return new Response(body, { status });
}

/** A server whose access cookie ended; `refreshable` says whether the refresh cookie is still good. */
class Server {
  accessIsGood = false;
  refreshes = 0;
  calls: { url: string; xsrf: string | null }[] = [];

  constructor(
    private readonly refreshable = true,
    private readonly refusal = 401
  ) {}

  readonly fetch = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    this.calls.push({ url: String(url), xsrf: new Headers(init?.headers).get('X-XSRFToken') });
    // As a network does: others get their turn before the answer comes.
    await Promise.resolve();
    if (String(url) === `${API}auth/refresh`) {
      this.refreshes += 1;
      this.accessIsGood = this.refreshable;
      return this.refreshable ? answer(200) : answer(this.refusal, 'session-ended');
    }
    return this.accessIsGood ? answer(200) : answer(401, 'not-signed-in');
  };
}

/** What the tabs of one browser share. */
class Browser {
  private readonly kept = new Map<string, string>();
  private queue: Promise<unknown> = Promise.resolve();
  private time = 0;
  readonly storage = {
    getItem: (name: string) => this.kept.get(name) ?? null,
    setItem: (name: string, value: string) => void this.kept.set(name, value),
    removeItem: (name: string) => void this.kept.delete(name)
  };

  constructor(private readonly server: Server) {}

  tab(leave = vi.fn(), refreshes = true) {
    const session = new Session({
      baseUrl: '/base/',
      xsrfCookie: '_xsrf',
      refreshes,
      leave,
      around: {
        fetch: this.server.fetch,
        storage: this.storage,
        lock: (_name, work) => {
          const next = this.queue.then(work, work);
          this.queue = next.catch(() => undefined);
          return next;
        },
        now: () => (this.time += 1),
        cookies: () => 'other=1; _xsrf=abc|def'
      }
    });
    return { session, leave };
  }
}

const get = { method: 'GET' };

describe('a session', () => {
  it('refreshes itself when the access cookie has ended, and tries the call again', async () => {
    const server = new Server();
    const { session, leave } = new Browser(server).tab();
    const response = await session.fetch(`${API}home`, get);
    expect(response.status).toBe(200);
    expect(server.refreshes).toBe(1);
    expect(leave).not.toHaveBeenCalled();
    expect(session.isRemembered).toBe(true);
  });

  it('refreshes once for all calls that fail together', async () => {
    const server = new Server();
    const { session } = new Browser(server).tab();
    const answers = await Promise.all(['home', 'workspaces', 'auth/me'].map(path => session.fetch(API + path, get)));
    expect(answers.map(each => each.status)).toEqual([200, 200, 200]);
    expect(server.refreshes).toBe(1);
  });

  it('refreshes once for two tabs: the token is good once', async () => {
    const server = new Server();
    const browser = new Browser(server);
    const [one, other] = [browser.tab(), browser.tab()];
    const answers = await Promise.all([one.session.fetch(`${API}home`, get), other.session.fetch(`${API}home`, get)]);
    expect(answers.map(each => each.status)).toEqual([200, 200]);
    expect(server.refreshes).toBe(1);
  });

  it('sends people to sign in when the refresh token has ended too, once', async () => {
    const server = new Server(false);
    const { session, leave } = new Browser(server).tab();
    session.begin();
    const answers = await Promise.all([session.fetch(`${API}home`, get), session.fetch(`${API}auth/me`, get)]);
    expect(answers.map(each => each.status)).toEqual([401, 401]);
    expect(leave).toHaveBeenCalledTimes(1);
    expect(session.isRemembered).toBe(false);
  });

  it('keeps the session when the server is busy', async () => {
    const server = new Server(false, 503);
    const { session, leave } = new Browser(server).tab();
    session.begin();
    await expect(session.fetch(`${API}home`, get)).rejects.toThrow('503');
    expect(leave).not.toHaveBeenCalled();
    expect(session.isRemembered).toBe(true);
  });

  it('leaves a wrong password alone', async () => {
    const fetch = vi.fn(async () => answer(401, 'sign-in-failed'));
    const server = new Server();
    Object.assign(server, { fetch });
    const { session, leave } = new Browser(server).tab();
    expect((await session.fetch(`${API}auth/login`, { method: 'POST' })).status).toBe(401);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(leave).not.toHaveBeenCalled();
  });

  it('has nothing to refresh where somebody else signs people in', async () => {
    const server = new Server();
    const { session, leave } = new Browser(server).tab(vi.fn(), false);
    await session.fetch(`${API}home`, get);
    expect(server.refreshes).toBe(0);
    expect(leave).toHaveBeenCalledTimes(1);
  });

  it('sends the token against forged requests with each call', async () => {
    const server = new Server();
    const { session } = new Browser(server).tab();
    await session.fetch(`${API}home`, get);
    expect(server.calls.map(each => each.xsrf)).toEqual(['abc|def', 'abc|def', 'abc|def']);
  });
});
