export type Theme = 'light' | 'dark' | 'system';

const KEY = 'dataask:theme';

function isTheme(value: string | null): value is Theme {
  return value === 'light' || value === 'dark' || value === 'system';
}

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return isTheme(kept) ? kept : 'system';
}

/** Shows the theme, and remembers it when the user chose it. */
export function showTheme(value: Theme, remember = true): void {
  document.documentElement.dataset['theme'] = value;
  if (remember) {
    localStorage.setItem(KEY, value);
  }
}
