import type { AuditFilter } from '../../api/types';

/** The fields of a moment in a zone. */
function fieldsIn(zone: string, moment: number): Record<string, number> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  });
  return Object.fromEntries(format.formatToParts(moment).map(each => [each.type, Number(each.value)]));
}

function wallOf(zone: string, moment: number): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fieldsIn(zone, moment);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** When the day begins in a zone. `day` is `2026-11-12`. */
export function startOfDay(day: string, zone: string): Date {
  const wall = Date.parse(`${day}T00:00:00Z`);
  // The zone's distance from UTC at about that time, then at the time found: it may change on that very day.
  const first = wall - (wallOf(zone, wall) - wall);
  return new Date(wall - (wallOf(zone, first) - first));
}

/** The day of a moment in a zone, as `2026-11-12`. */
export function dayIn(zone: string, moment: Date): string {
  const { year = 0, month = 1, day = 1 } = fieldsIn(zone, moment.getTime());
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

export type Span = 'today' | 'week' | 'month';

const BACK: Record<Span, number> = { today: 0, week: 6, month: 29 };

/** The first moment of a span of whole days that ends today. */
export function sinceOf(span: Span, zone: string, now = new Date()): Pick<AuditFilter, 'since'> {
  return { since: startOfDay(addDays(dayIn(zone, now), -BACK[span]), zone).toISOString() };
}

/** 09:46, in the workspace's zone. */
export function timeIn(zone: string, iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** 12 Nov 2026 09:46:12, in the workspace's zone. */
export function stamp(iso: string, zone: string): string {
  const date = new Date(iso);
  const day = date.toLocaleDateString(undefined, { timeZone: zone, day: 'numeric', month: 'short', year: 'numeric' });
  const time = date.toLocaleTimeString(undefined, {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23'
  });
  return `${day} ${time}`;
}
