import { useCallback, useEffect, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { AuditFilter, AuditRecord } from '../../api/types';
import { useHost } from '../host';

const PAGE = 50;
const POLL_MS = 4_000;

export interface AuditList {
  /** Newest first; null before the first page is there. */
  records: AuditRecord[] | null;
  /** Whether older ones are on the server. */
  more: boolean;
  loadingOlder: boolean;
  error: ApiError | null;
  older(): void;
  retry(): void;
}

interface Loaded {
  filter: AuditFilter;
  records: AuditRecord[];
  cursor: string | null;
}

/** Records that pass a filter: the newest come by themselves while `visible`, the older page by page. */
export function useAudit(
  workspaceId: string | null,
  filter: AuditFilter,
  visible: () => boolean,
  onNew: (count: number) => void
): AuditList {
  const { api } = useHost();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const current = useRef<Loaded | null>(null);
  const heard = useRef(onNew);
  heard.current = onNew;
  const seen = useRef(visible);
  seen.current = visible;

  const put = useCallback((next: Loaded | null): void => {
    current.current = next;
    setLoaded(next);
  }, []);

  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    setError(null);
    const first = (): Promise<void> =>
      api.audit(workspaceId, filter, { limit: PAGE, signal }).then(page => {
        if (signal.aborted) {
          return;
        }
        const known = current.current;
        const newest = known?.filter === filter ? known.records[0]?.number : undefined;
        if (known?.filter !== filter || newest === undefined) {
          put({ filter, records: page.items, cursor: page.next_cursor });
          return;
        }
        const fresh = page.items.filter(each => each.number > newest);
        if (fresh.length === 0) {
          return;
        }
        // As many as a page are new: there may be more between, so the list begins anew.
        const gap = fresh.length === page.items.length && page.next_cursor !== null;
        put(
          gap
            ? { filter, records: page.items, cursor: page.next_cursor }
            : { ...known, records: [...fresh, ...known.records] }
        );
        heard.current(fresh.length);
      });
    let timer = 0;
    const poll = (): void => {
      timer = globalThis.setTimeout(() => {
        const run = document.visibilityState === 'visible' && seen.current() ? first() : Promise.resolve();
        // A poll that fails shows nowhere: the next one may succeed, and the status bar says when the server is away.
        void run.catch(() => undefined).finally(() => signal.aborted || poll());
      }, POLL_MS) as unknown as number;
    };
    first().then(poll, (reason: unknown) => signal.aborted || setError(asApiError(reason)));
    return () => {
      stop.abort();
      globalThis.clearTimeout(timer);
    };
  }, [api, attempt, filter, put, workspaceId]);

  const older = (): void => {
    const known = current.current;
    if (!known || known.cursor === null || loadingOlder) {
      return;
    }
    setLoadingOlder(true);
    setError(null);
    api.audit(workspaceId, known.filter, { limit: PAGE, cursor: known.cursor }).then(
      page => {
        setLoadingOlder(false);
        const now = current.current;
        if (now?.filter === known.filter) {
          const last = now.records.at(-1)?.number ?? Infinity;
          const next = page.items.filter(each => each.number < last);
          put({ ...now, records: [...now.records, ...next], cursor: page.next_cursor });
        }
      },
      (reason: unknown) => {
        setLoadingOlder(false);
        setError(asApiError(reason));
      }
    );
  };

  const mine = loaded?.filter === filter ? loaded : null;
  return {
    records: mine?.records ?? null,
    more: mine !== null && mine.cursor !== null,
    loadingOlder,
    error,
    older,
    retry: () => setAttempt(attempt + 1)
  };
}
