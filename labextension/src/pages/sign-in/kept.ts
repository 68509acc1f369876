/** A value that outlives the way to another page in this tab, and ends with the tab. */
class Kept {
  constructor(private readonly name: string) {}

  read(): string | null {
    return sessionStorage.getItem(this.name);
  }

  keep(value: string): void {
    sessionStorage.setItem(this.name, value);
  }

  forget(): void {
    sessionStorage.removeItem(this.name);
  }
}

/** The secret of the invitation that one came with. */
export const invitation = new Kept('dataask:invitation');
/** That its holder chose to join, and only had to sign in for it. */
export const joining = new Kept('dataask:joining');

/** The secret after `#`, taken out of the address and so out of the history. */
export function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret === '') {
    return null;
  }
  history.replaceState(null, '', `${location.pathname}${location.search}`);
  return secret;
}
