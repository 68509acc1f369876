import { useEffect, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { t } from '../../i18n';

interface Wait {
  /** How long still, in words; null when one may try again. */
  words: string | null;
  begin(error: ApiError): void;
}

/** Counts down after too many tries. */
export function useWait(): Wait {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  const left = Math.ceil((until - now) / 1_000);
  const waiting = left > 0;
  useEffect(() => {
    if (!waiting) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [waiting]);
  return {
    words: waiting ? inWords(left) : null,
    begin: error => {
      const seconds = Number(error.extra['seconds']);
      const time = Date.now();
      setNow(time);
      setUntil(time + (Number.isFinite(seconds) && seconds > 0 ? seconds : 60) * 1_000);
    }
  };
}

export function inWords(seconds: number): string {
  if (seconds < 60) {
    return t('%1 s', seconds);
  }
  const rest = seconds % 60;
  const minutes = Math.floor(seconds / 60);
  return rest === 0 ? t('%1 min', minutes) : t('%1 min %2 s', minutes, rest);
}
