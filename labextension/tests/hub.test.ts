import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SignInNeeded } from '../src/api/problems';
import { RestApi } from '../src/api/rest';
import { HubSession } from '../src/lab/hub';
import * as data from './fixtures';

const BASE = `${location.origin}/services/dataask/`;
const API = `${BASE}dataask/api/v1/`;

/** A service that knows who has a cookie, and the token of that sign-in. */
class Service {
  signedIn = true;
  token = 'first';
  readonly calls: { path: string; method: string; token: string | null }[] = [];

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).replace(API, '');
    const token = new Headers(init.headers).get('X-XSRFToken');
    const method = init.method ?? 'GET';
    this.calls.push({ path, method, token });
    if (!this.signedIn) {
      return problem(401, 'not-signed-in', 'Sign in first');
    }
    if (path === 'auth/xsrf') {
      return json({ token: this.token });
    }
    if (method !== 'GET' && token !== this.token) {
      return problem(403, 'forbidden', 'XSRF cookie does not match PATCH argument');
    }
    return json(data.me);
  };
}

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status });
}

function problem(status: number, kind: string, detail: string): Response {
  return json({ type: `/problems/${kind}`, title: detail, status, detail, errors: [], extra: {} }, status);
}

describe('HubSession', () => {
  const service = new Service();
  let frames: HTMLIFrameElement[] = [];
  /** What the hidden frame comes to: the service's page, the Hub's, which it can't show, or nothing. */
  let arrive: 'page' | 'refused' | 'never' = 'page';

  beforeEach(() => {
    Object.assign(service, { signedIn: true, token: 'first' });
    service.calls.length = 0;
    frames = [];
    arrive = 'page';
    vi.stubGlobal('fetch', service.fetch);
    const append = document.body.append.bind(document.body);
    vi.spyOn(document.body, 'append').mockImplementation((...nodes) => {
      for (const node of nodes) {
        if (node instanceof HTMLIFrameElement) {
          frames.push(node);
          const at = arrive === 'page' ? new URL(node.src) : null;
          if (arrive !== 'never') {
            Object.defineProperty(node, 'contentWindow', {
              get: () => {
                if (at === null) {
                  throw new DOMException('Blocked a frame', 'SecurityError');
                }
                return { location: at };
              }
            });
          }
          // No page: only the events that a browser would send.
          node.removeAttribute('src');
          append(node);
          if (arrive !== 'never') {
            queueMicrotask(() => {
              service.signedIn ||= arrive === 'page';
              node.dispatchEvent(new Event('load'));
            });
          }
        }
      }
    });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function api(): RestApi {
    return new RestApi(BASE, new HubSession(BASE).fetch);
  }

  it('sends no token of its own with reads, and the service’s with changes', async () => {
    const rest = api();
    await rest.me();
    await rest.chooseWorkspace(data.WS);
    await rest.chooseWorkspace(data.WS);
    expect(service.calls).toEqual([
      { path: 'auth/me', method: 'GET', token: null },
      { path: 'auth/xsrf', method: 'GET', token: null },
      { path: 'auth/me', method: 'PATCH', token: 'first' },
      { path: 'auth/me', method: 'PATCH', token: 'first' }
    ]);
    expect(frames).toHaveLength(0);
  });

  it('signs in through one hidden frame, however many requests wait', async () => {
    service.signedIn = false;
    const rest = api();
    const answers = await Promise.all([rest.me(), rest.me(), rest.chooseWorkspace(data.WS)]);
    expect(answers).toHaveLength(3);
    expect(frames).toHaveLength(1);
    expect(document.querySelector('iframe')).toBeNull();
  });

  it('takes the new token where another tab signed in anew', async () => {
    const rest = api();
    await rest.chooseWorkspace(data.WS);
    service.token = 'second';
    await rest.chooseWorkspace(data.WS);
    expect(service.calls.at(-1)).toMatchObject({ method: 'PATCH', token: 'second' });
  });

  it('says where to sign in when the Hub wants to see the user', async () => {
    service.signedIn = false;
    arrive = 'refused';
    const error = await api().me().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SignInNeeded);
    expect((error as SignInNeeded).href).toBe(`${BASE}dataask/signed-in`);
    // Signed in meanwhile, on that page: the next try is let in.
    service.signedIn = true;
    await api().me();
  });

  it('waits for 20 seconds and no longer', async () => {
    vi.useFakeTimers();
    service.signedIn = false;
    arrive = 'never';
    const asked = api().me().catch((reason: unknown) => reason);
    await vi.advanceTimersByTimeAsync(19_900);
    expect(document.querySelector('iframe')).not.toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(await asked).toBeInstanceOf(SignInNeeded);
    expect(document.querySelector('iframe')).toBeNull();
  });

  it('leaves refusals that have another reason alone', async () => {
    vi.stubGlobal('fetch', async (input: string, init: RequestInit) =>
      init.method === 'PATCH' ? problem(403, 'forbidden', 'You can’t do this') : service.fetch(input, init)
    );
    await expect(api().chooseWorkspace(data.WS)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(service.calls.filter(call => call.path === 'auth/xsrf')).toHaveLength(1);
  });
});
