import { SignInNeeded } from '../api/problems';
import type { ServerFetch } from '../api/rest';

/** How long the hidden sign-in may take: it is a few redirects between servers that know the user already. */
const SIGN_IN_MS = 20_000;
const API = 'dataask/api/v1/';

/**
 * Requests to the DataAsk service of a Hub, from JupyterLab on a user's own server.
 *
 * Both are on one origin, so the service's own cookies go along; scripts of this page can't read them. The first
 * request of a day is refused: then a hidden frame goes to the service and through the Hub, which knows the user, and
 * comes back with the cookies.
 */
export class HubSession {
  private token: string | null = null;
  private signingIn: Promise<boolean> | null = null;
  private readonly page: URL;

  /** `base` is the service's whole address, with a slash at its end. */
  constructor(private readonly base: string) {
    this.page = new URL('dataask/signed-in', base);
  }

  readonly fetch: ServerFetch = async (url, init) => {
    const first = await this.send(url, init);
    if (first.status === 401) {
      if (!(await this.signIn())) {
        throw new SignInNeeded(this.page.href);
      }
      return this.send(url, init);
    }
    // Another tab signed in anew, and the token of before is worth nothing. The request wasn't done.
    if (first.status === 403 && changes(init) && (await speaksOfXsrf(first))) {
      this.token = null;
      return this.send(url, init);
    }
    return first;
  };

  private async send(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (changes(init)) {
      if (this.token === null) {
        const answer = await fetch(`${this.base}${API}auth/xsrf`, { ...SAME, signal: init.signal ?? null });
        if (!answer.ok) {
          return answer;
        }
        this.token = ((await answer.json()) as { token: string }).token;
      }
      headers.set('X-XSRFToken', this.token);
    }
    return fetch(url, { ...SAME, ...init, headers });
  }

  /** Signs in once, however many requests wait for it. */
  private signIn(): Promise<boolean> {
    this.signingIn ??= this.throughFrame().finally(() => {
      this.signingIn = null;
      this.token = null;
    });
    return this.signingIn;
  }

  private throughFrame(): Promise<boolean> {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.setAttribute('aria-hidden', 'true');
    frame.src = this.page.href;
    return new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(false), SIGN_IN_MS);
      frame.addEventListener('load', () => {
        const arrived = this.arrived(frame);
        if (arrived !== null) {
          clearTimeout(timer);
          resolve(arrived);
        }
      });
      document.body.append(frame);
    }).finally(() => frame.remove());
  }

  /** Whether the frame shows the service's page, null while it is empty. The Hub's own pages can't be framed. */
  private arrived(frame: HTMLIFrameElement): boolean | null {
    try {
      const at = frame.contentWindow?.location;
      return at === undefined || at.href === 'about:blank'
        ? null
        : at.origin === this.page.origin && at.pathname === this.page.pathname;
    } catch {
      return false;
    }
  }
}

const SAME: RequestInit = { credentials: 'same-origin', cache: 'no-store' };

function changes(init: RequestInit): boolean {
  return !['GET', 'HEAD'].includes(init.method ?? 'GET');
}

async function speaksOfXsrf(response: Response): Promise<boolean> {
  return /xsrf/i.test(await response.clone().text());
}
