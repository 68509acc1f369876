import type { ServerFetch } from '../api/rest';
import { cookie } from './config';

/** What signing in left in this browser, for all its tabs. The tokens themselves are in cookies no script can read. */
const SIGNED_IN = 'dataask:signed-in';
const REFRESHED = 'dataask:refreshed';
const LOCK = 'dataask:refresh';

const ENDED = new Set(['/problems/not-signed-in', '/problems/session-ended']);

interface Surroundings {
  fetch: typeof fetch;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Runs one at a time over all tabs. */
  lock<Value>(name: string, work: () => Promise<Value>): Promise<Value>;
  now(): number;
  cookies(): string;
}

interface SessionOptions {
  baseUrl: string;
  xsrfCookie: string;
  /** False where somebody else signs people in: then there is nothing to refresh. */
  refreshes: boolean;
  /** Goes where one signs in. */
  leave(): void;
  around?: Surroundings;
}

/** Keeps the browser signed in without a word: a call that finds the session over refreshes it and tries again. */
export class Session {
  private readonly around: Surroundings;
  private refreshing: Promise<boolean> | null = null;
  private left = false;

  constructor(private readonly options: SessionOptions) {
    this.around = options.around ?? browser();
  }

  /** The `fetch` of all calls to the API. */
  readonly fetch: ServerFetch = async (url, init) => {
    const began = this.around.now();
    const response = await this.send(url, init);
    if (response.status !== 401 || !(await isEnded(response))) {
      return response;
    }
    if (await this.refresh(began)) {
      const again = await this.send(url, init);
      if (again.status !== 401 || !(await isEnded(again))) {
        return again;
      }
    }
    this.end();
    return response;
  };

  /** Whether this browser signed in and hasn't signed out since. */
  get isRemembered(): boolean {
    return this.around.storage.getItem(SIGNED_IN) !== null;
  }

  /** Remembers that there is something to refresh. */
  begin(): void {
    this.left = false;
    this.around.storage.setItem(SIGNED_IN, String(this.around.now()));
  }

  /** Tells all tabs that the session is over. */
  forget(): void {
    this.around.storage.removeItem(SIGNED_IN);
    this.around.storage.removeItem(REFRESHED);
  }

  /**
   * New cookies for the refresh token; false when the session is over. Tabs share the token, which is good once: so
   * one of them trades it, and the others see that it was done since their own call began.
   */
  refresh(since = this.around.now()): Promise<boolean> {
    if (!this.options.refreshes) {
      return Promise.resolve(false);
    }
    this.refreshing ??= this.around
      .lock(LOCK, () => this.trade(since))
      .finally(() => {
        this.refreshing = null;
      });
    return this.refreshing;
  }

  private async trade(since: number): Promise<boolean> {
    if (Number(this.around.storage.getItem(REFRESHED) ?? 0) > since) {
      return true;
    }
    const response = await this.send(`${this.options.baseUrl}dataask/api/v1/auth/refresh`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}'
    });
    if (response.ok) {
      this.around.storage.setItem(REFRESHED, String(this.around.now()));
      this.begin();
      return true;
    }
    if (response.status === 429 || response.status >= 500) {
      // The session may well be good; the server can't say so now.
      throw new Error(`The server answered with status ${response.status}.`);
    }
    return false;
  }

  private end(): void {
    if (!this.left) {
      this.left = true;
      this.forget();
      this.options.leave();
    }
  }

  private send(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const token = cookie(this.options.xsrfCookie, this.around.cookies());
    if (token !== undefined) {
      headers.set('X-XSRFToken', token);
    }
    return this.around.fetch(url, { ...init, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error' });
  }
}

async function isEnded(response: Response): Promise<boolean> {
  try {
    const problem = (await response.clone().json()) as { type?: string };
    return ENDED.has(problem.type ?? '');
  } catch {
    return false;
  }
}

/** Calls `signedOut` when another tab signs out. */
export function onSignOut(signedOut: () => void): () => void {
  const listen = (event: StorageEvent): void => {
    if (event.key === SIGNED_IN && event.newValue === null) {
      signedOut();
    }
  };
  addEventListener('storage', listen);
  return () => removeEventListener('storage', listen);
}

function browser(): Surroundings {
  return {
    fetch: (url, init) => fetch(url, init),
    storage: localStorage,
    // Absent on plain HTTP addresses other than localhost; there, each tab is on its own.
    lock: (name, work) => ('locks' in navigator ? navigator.locks.request(name, work) : work()) as Promise<never>,
    now: () => Date.now(),
    cookies: () => document.cookie
  };
}
