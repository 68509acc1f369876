import type { RefObject } from 'react';
import { useLayoutEffect, useState } from 'react';

const PHONE = 480;

/** True while the element is as narrow as a phone, whatever the screen's width. */
export function useNarrow(element: RefObject<HTMLElement>): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const watched = element.current;
    if (!watched) {
      return undefined;
    }
    const measure = (): void => setNarrow(watched.clientWidth > 0 && watched.clientWidth < PHONE);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return narrow;
}
