import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';

import type { Route } from './paths';
import { addressOf, routeOf } from './paths';

/** What goes along to the next page and stands in no address: addresses end up in logs. */
export interface Carried {
  /** A question to ask at once. */
  ask?: string | undefined;
  /** A question to put into the composer. */
  draft?: string | undefined;
}

export interface GoOptions {
  carry?: Carried;
  /** The address of now gets a better form: no step in the history. */
  replace?: boolean;
  /** What came along stays. */
  keep?: boolean;
}

interface Router {
  route: Route;
  carried: Carried;
  go(route: Route, options?: GoOptions): void;
  address(route: Route): string;
}

const RouterContext = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (!router) {
    throw new Error('Pages need a RouterProvider');
  }
  return router;
}

/** Moves between pages without loading them anew. */
export function RouterProvider({ baseUrl, children }: { baseUrl: string; children: ReactNode }): JSX.Element {
  const [place, setPlace] = useState(() => ({ route: here(baseUrl), carried: {} as Carried, moves: 0 }));

  useEffect(() => {
    const moved = (): void =>
      setPlace(before => ({ route: here(baseUrl), carried: {}, moves: before.moves + 1 }));
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, [baseUrl]);

  const go = useCallback<Router['go']>(
    (route, options = {}) => {
      const address = addressOf(route, baseUrl);
      if (options.replace === true) {
        history.replaceState(null, '', address);
      } else if (address !== `${location.pathname}${location.search}`) {
        history.pushState(null, '', address);
      }
      setPlace(before => ({
        route,
        carried: options.keep === true ? before.carried : (options.carry ?? {}),
        moves: before.moves + 1
      }));
    },
    [baseUrl]
  );

  const page = place.route.page === 'workspace' ? `${place.route.id} ${String(place.route.tab === 'audit')}` : place.route.page;
  useEffect(() => {
    if (place.moves > 0) {
      scrollTo(0, 0);
      focusHeading();
    }
    // A new place on the same page, such as another conversation, is the page's own matter.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [page]);

  const value = useMemo<Router>(
    () => ({ route: place.route, carried: place.carried, go, address: route => addressOf(route, baseUrl) }),
    [baseUrl, go, place]
  );
  return <RouterContext.Provider value={value}>{children}</RouterContext.Provider>;
}

function here(baseUrl: string): Route {
  return routeOf(`${location.pathname}${location.search}`, baseUrl);
}

/** Whoever hears the page, or walks it by keyboard, starts at its name; it may come a moment later. */
function focusHeading(tries = 40): void {
  // While the next page loads, the one before is still there, hidden.
  const heading = [...document.querySelectorAll('h1')].find(each => !each.closest('[style*="display: none"]'));
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  } else if (tries > 0) {
    setTimeout(() => focusHeading(tries - 1), 50);
  }
}

/** The document's name while this page shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – DataAsk`;
  }, [title]);
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: Route;
  carry?: Carried;
}

/** A link to a page; with a modifier key, or the middle button, the browser does what it always does. */
export function Link({ to, carry, onClick, ...rest }: LinkProps): JSX.Element {
  const { go, address } = useRouter();
  return (
    <a
      href={address(to)}
      onClick={event => {
        onClick?.(event);
        if (event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) {
          event.preventDefault();
          go(to, carry ? { carry } : {});
        }
      }}
      {...rest}
    />
  );
}
