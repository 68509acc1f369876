import type { CallOptions } from './client';
import { BaseClient, part } from './client';
import type {
  Account,
  AccountUpdate,
  ApiToken,
  ApiTokenCreate,
  ApiTokenCreated,
  Login,
  Me,
  MeUpdate,
  Register,
  ResetLink,
  Session,
  SignedIn
} from './types';

/** Signing in and out, one's own account, and those of the server for its administrators. */
export interface AccountsApi {
  me(options?: CallOptions): Promise<Me>;
  updateMe(change: MeUpdate): Promise<Me>;
  chooseWorkspace(workspace: string): Promise<Me>;

  /** Both sign this browser in: the answer sets cookies, no token comes to the page. */
  register(value: Register): Promise<SignedIn>;
  login(value: Login): Promise<SignedIn>;
  /** Trades the refresh cookie for new cookies. */
  refresh(): Promise<SignedIn>;
  logout(everywhere?: boolean): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  /** Sets a password with the secret of a reset link. */
  resetPassword(token: string, password: string): Promise<void>;
  /** Ends one's own account. */
  deactivate(password: string): Promise<void>;

  sessions(options?: CallOptions): Promise<Session[]>;
  endSession(session: string): Promise<void>;
  tokens(options?: CallOptions): Promise<ApiToken[]>;
  createToken(value: ApiTokenCreate): Promise<ApiTokenCreated>;
  revokeToken(token: string): Promise<void>;

  users(options?: CallOptions): Promise<Account[]>;
  updateUser(user: string, change: AccountUpdate): Promise<Account>;
  createResetLink(user: string): Promise<ResetLink>;
}

export abstract class AccountsClient extends BaseClient implements AccountsApi {
  me(options?: CallOptions): Promise<Me> {
    return this.send('GET', 'auth/me', { signal: options?.signal });
  }

  updateMe(change: MeUpdate): Promise<Me> {
    return this.send('PATCH', 'auth/me', { body: change });
  }

  chooseWorkspace(workspace: string): Promise<Me> {
    return this.updateMe({ workspace_id: workspace });
  }

  register(value: Register): Promise<SignedIn> {
    return this.send('POST', 'auth/register', { body: { ...value, client: 'browser' } });
  }

  login(value: Login): Promise<SignedIn> {
    return this.send('POST', 'auth/login', { body: { ...value, client: 'browser' } });
  }

  refresh(): Promise<SignedIn> {
    return this.send('POST', 'auth/refresh', { body: {} });
  }

  async logout(everywhere = false): Promise<void> {
    await this.send('POST', 'auth/logout', { body: { everywhere } });
  }

  async changePassword(current: string, next: string): Promise<void> {
    await this.send('POST', 'auth/password', { body: { current_password: current, new_password: next } });
  }

  async resetPassword(token: string, password: string): Promise<void> {
    await this.send('POST', 'auth/reset', { body: { token, password } });
  }

  async deactivate(password: string): Promise<void> {
    await this.send('POST', 'auth/deactivate', { body: { password } });
  }

  sessions(options?: CallOptions): Promise<Session[]> {
    return this.list('auth/sessions', options);
  }

  async endSession(session: string): Promise<void> {
    await this.send('DELETE', `auth/sessions/${part(session)}`);
  }

  tokens(options?: CallOptions): Promise<ApiToken[]> {
    return this.list('auth/tokens', options);
  }

  createToken(value: ApiTokenCreate): Promise<ApiTokenCreated> {
    return this.send('POST', 'auth/tokens', { body: value });
  }

  async revokeToken(token: string): Promise<void> {
    await this.send('DELETE', `auth/tokens/${part(token)}`);
  }

  users(options?: CallOptions): Promise<Account[]> {
    return this.list('users', options);
  }

  updateUser(user: string, change: AccountUpdate): Promise<Account> {
    return this.send('PATCH', `users/${part(user)}`, { body: change });
  }

  createResetLink(user: string): Promise<ResetLink> {
    return this.send('POST', `users/${part(user)}/reset-link`);
  }
}
