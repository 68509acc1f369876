/** What the document says about its server. */
export interface PageConfig {
  mode: 'solo' | 'team' | 'hub';
  registration: 'open' | 'invitation' | 'off';
  /** The server's base URL, with a slash at its end. */
  baseUrl: string;
  loginUrl: string;
  /** Where JupyterHub's users sign in. */
  continueUrl: string | null;
  staticUrl: string;
  version: string;
  xsrfCookie: string;
}

export function readConfig(page: Document = document): PageConfig {
  return JSON.parse(page.getElementById('dataask-config')?.textContent ?? '{}') as PageConfig;
}

/** The value of a cookie that scripts may read. */
export function cookie(name: string, cookies = document.cookie): string | undefined {
  const found = cookies.split('; ').find(each => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1).replace(/^"(.*)"$/, '$1');
}
