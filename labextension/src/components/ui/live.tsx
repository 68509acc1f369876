import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useMemo } from 'react';

type Announce = (text: string, urgent?: boolean) => void;

const LiveContext = createContext<Announce>(() => undefined);

/** Says something to screen readers without showing it. */
export function useAnnounce(): Announce {
  return useContext(LiveContext);
}

const POLITE = 'da-live-polite';
const ASSERTIVE = 'da-live-assertive';

/** One polite and one assertive region per document, whoever comes first. */
function region(id: string, politeness: 'polite' | 'assertive'): HTMLElement {
  const found = document.getElementById(id);
  if (found) {
    return found;
  }
  const made = document.createElement('div');
  made.id = id;
  made.className = 'da-sr';
  made.setAttribute('aria-live', politeness);
  document.body.append(made);
  return made;
}

export function Live({ children }: { children: ReactNode }): JSX.Element {
  // Regions have to exist before something is said, or the first words are lost.
  useMemo(() => {
    region(POLITE, 'polite');
    region(ASSERTIVE, 'assertive');
  }, []);
  const announce = useCallback<Announce>((text, urgent = false) => {
    const where = urgent ? region(ASSERTIVE, 'assertive') : region(POLITE, 'polite');
    where.textContent = '';
    globalThis.setTimeout(() => {
      where.textContent = text;
    }, 30);
  }, []);
  return <LiveContext.Provider value={announce}>{children}</LiveContext.Provider>;
}
