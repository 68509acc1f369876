import { t, tn } from './i18n';

/** 412 ms, 1.8 s, 2 min 5 s. */
export function duration(ms: number): string {
  if (ms < 999.5) {
    return t('%1 ms', Math.round(ms));
  }
  const seconds = ms / 1_000;
  if (seconds < 59.95) {
    return t('%1 s', seconds.toLocaleString(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  }
  const whole = Math.round(seconds);
  return t('%1 min %2 s', Math.floor(whole / 60), whole % 60);
}

/** Whole seconds for something that still runs. */
export function seconds(ms: number): string {
  return ms < 60_000 ? t('%1 s', Math.floor(ms / 1_000)) : duration(ms);
}

export function rows(count: number): string {
  return tn('%1 row', '%1 rows', count);
}

/** Today only the time; this week the day; else the date. */
export function moment(iso: string, now = new Date()): string {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) {
    return '';
  }
  const minutes = (now.getTime() - then.getTime()) / 60_000;
  if (minutes < 1) {
    return t('now');
  }
  if (then.toDateString() === now.toDateString()) {
    return clock(then);
  }
  if (minutes < 6 * 24 * 60) {
    return then.toLocaleDateString(undefined, { weekday: 'short' });
  }
  const sameYear = then.getFullYear() === now.getFullYear();
  return then.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' })
  });
}

/** 09:42. */
export function clock(time: Date): string {
  return time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
}

/** A metric: whole below ten thousand, short above. */
export function metric(value: number): string {
  if (!Number.isFinite(value)) {
    return '–';
  }
  const short = Math.abs(value) >= 1_000_000;
  return value
    .toLocaleString(undefined, short ? { notation: 'compact', maximumFractionDigits: 2 } : { maximumFractionDigits: 2 })
    .replace('-', '−');
}

/** Two letters for a tile. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ''}${words[1]?.[0] ?? ''}` : name.slice(0, 2);
  return letters.toUpperCase();
}
