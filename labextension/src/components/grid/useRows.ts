import { useCallback, useEffect, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Cell, ResultPage } from '../../api/types';

type Load = (offset: number, limit: number) => Promise<ResultPage>;

interface Rows {
  row(index: number): Cell[] | undefined;
  rowCount: number;
  onVisible(first: number, last: number): void;
  error: ApiError | null;
}

const PAGE = 500;

/** The rows of a result: the first page is at hand, the others are fetched when they come in sight. */
export function useRows(first: ResultPage, load: Load | null): Rows {
  const pages = useRef(new Map<number, Cell[][] | 'loading'>());
  const [, redraw] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    pages.current = new Map();
    setError(null);
    redraw(count => count + 1);
  }, [first]);

  const have = first.rows.length;
  const row = useCallback(
    (index: number): Cell[] | undefined => {
      if (index < have) {
        return first.rows[index];
      }
      const page = pages.current.get(Math.floor(index / PAGE));
      return page === undefined || page === 'loading' ? undefined : page[index % PAGE];
    },
    [first, have]
  );
  const onVisible = useCallback(
    (from: number, to: number): void => {
      if (!load) {
        return;
      }
      for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) {
        const needed = (page + 1) * PAGE > have && to >= have;
        if (!needed || pages.current.has(page)) {
          continue;
        }
        const current = pages.current;
        current.set(page, 'loading');
        load(page * PAGE, PAGE).then(
          loaded => {
            current.set(page, loaded.rows);
            redraw(count => count + 1);
          },
          (reason: unknown) => {
            current.delete(page);
            setError(asApiError(reason));
          }
        );
      }
    },
    [have, load]
  );
  return { row, rowCount: load ? first.total_rows : have, onVisible, error };
}
