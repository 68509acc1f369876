import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';

interface Save {
  busy: boolean;
  error: ApiError | null;
  /** Runs it; `refused` may put the error elsewhere by answering true. */
  run(work: () => Promise<void>, refused?: (error: ApiError) => boolean): Promise<void>;
}

/** One change at a time, and why it failed. */
export function useSave(): Save {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  return {
    busy,
    error,
    run: async (work, refused) => {
      if (busy) {
        return;
      }
      setBusy(true);
      setError(null);
      try {
        await work();
      } catch (reason) {
        const problem = asApiError(reason);
        if (refused?.(problem) !== true) {
          setError(problem);
        }
      } finally {
        setBusy(false);
      }
    }
  };
}
