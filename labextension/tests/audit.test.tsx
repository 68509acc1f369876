import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import { RestApi } from '../src/api/rest';
import type { AuditRecord } from '../src/api/types';
import { AuditLog } from '../src/components/audit/AuditLog';
import { addDays, dayIn, startOfDay } from '../src/components/audit/time';
import { actionWords, agentWords } from '../src/components/audit/words';
import { fakeApi, problem } from './fake';
import { passes } from './fake-people';
import * as data from './fixtures';
import * as people from './people';
import { makeHost, show } from './render';

const ID = data.id(2);

function log(change: Partial<DataAskApi> = {}): DataAskApi {
  const api = fakeApi(change);
  vi.spyOn(api, 'audit');
  show(makeHost(api), <AuditLog workspaceId={ID} />);
  return api;
}

describe('The audit log', () => {
  it('says in words who did what to what, and whether they could', async () => {
    log();
    const row = await screen.findByRole('row', { name: /Changed role/ });
    expect(row.textContent).toContain('Mara Lindqvist');
    expect(row.textContent).toContain('Member Priya Raman: viewer to editor');
    expect(row.textContent).toContain('Allowed');
    expect(screen.getByRole('row', { name: /Tried: Changed connection/ }).textContent).toContain('Refused');
    expect(screen.getByText('9 of 312 records')).toBeTruthy();
    expect(screen.getByText('Kept for 2 years')).toBeTruthy();
    expect(document.querySelector('img[src="x"]')).toBeNull();
  });

  it('shows before, after and the record of a row that is opened', async () => {
    log();
    const button = await screen.findByRole('button', { name: 'Details of Changed settings, record 311' });
    await userEvent.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText('Audit records kept')).toBeTruthy();
    expect(screen.getAllByText('2 years', { exact: false }).length).toBeGreaterThan(0);
    expect(screen.getByText('Firefox 152, Linux')).toBeTruthy();
    expect(screen.getByText('a91f 03cc … 7be2')).toBeTruthy();
    expect(screen.getByText(/^310 · 5c0e 88d1/)).toBeTruthy();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Details of Ran query, record 310');
  });

  it('asks the server for what the chips say', async () => {
    const api = log();
    await screen.findByRole('row', { name: /Changed role/ });
    await userEvent.click(screen.getByRole('button', { name: 'Refused only' }));
    await waitFor(() => expect(screen.queryByRole('row', { name: /Changed role/ })).toBeNull());
    expect(api.audit).toHaveBeenLastCalledWith(ID, { result: 'refused' }, expect.objectContaining({ limit: 50 }));
    await userEvent.click(screen.getByRole('button', { name: 'Person' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Jonas Weber' }));
    expect(await screen.findByText('No records match')).toBeTruthy();
    expect(api.audit).toHaveBeenLastCalledWith(
      ID,
      { actor_id: data.id(10), result: 'refused' },
      expect.objectContaining({ limit: 50 })
    );
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(await screen.findByRole('row', { name: /Changed role/ })).toBeTruthy();
  });

  it('takes one chip out', async () => {
    const api = log();
    await userEvent.click(await screen.findByRole('button', { name: 'Action' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Asked a question' }));
    expect(await screen.findByText('1 record matches')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Clear Action' }));
    expect(await screen.findByText('9 of 312 records')).toBeTruthy();
    expect(api.audit).toHaveBeenLastCalledWith(ID, {}, expect.anything());
  });

  it('searches once typing rests', async () => {
    const api = log();
    await userEvent.type(await screen.findByRole('searchbox'), 'shop_prod');
    expect(await screen.findByText('2 records match')).toBeTruthy();
    const searches = vi.mocked(api.audit).mock.calls.map(([, filter]) => filter.search);
    expect(searches.filter(each => each !== undefined)).toEqual(['shop_prod']);
  });

  it('finds the words that rows show, not only what the server calls an act', async () => {
    log();
    await userEvent.type(await screen.findByRole('searchbox'), 'changed role');
    expect(await screen.findByText('1 record matches')).toBeTruthy();
    expect(screen.getByRole('row', { name: /Changed role/ })).toBeTruthy();
  });

  it('goes back to older records', async () => {
    const first = people.records.slice(0, 4);
    const rest = people.records.slice(4);
    log({
      audit: async (_, __, options) =>
        options?.cursor === undefined ? { items: first, next_cursor: 'c4' } : { items: rest, next_cursor: null }
    });
    expect(await screen.findByText('4 of 312 records')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Older' }));
    expect(await screen.findByText('9 of 312 records')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Older' })).toBeNull();
  });

  it('says that the chain is whole and when that was checked, and checks again when told', async () => {
    const verifyAudit = vi
      .fn<DataAskApi['verifyAudit']>()
      .mockResolvedValueOnce(people.verification)
      .mockResolvedValue({
        ...people.verification,
        intact: false,
        first_bad: 48,
        detail: 'Record 48 doesn’t fit its fingerprint.'
      });
    log({ verifyAudit });
    // In the workspace's zone, like the times of the records.
    expect(await screen.findByText(/Chain intact, 312 records checked 09:45/)).toBeTruthy();
    expect(verifyAudit).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    expect(await screen.findByText('Chain broken at record 48')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('Record 48 doesn’t fit its fingerprint.');
  });

  it('exports what the filters let through', async () => {
    const exportAudit = vi.fn(async () => new Blob(['number\n']));
    const made = vi.fn(() => 'blob:x');
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: made, revokeObjectURL: vi.fn() }));
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    log({ exportAudit });
    await userEvent.click(await screen.findByRole('button', { name: 'Refused only' }));
    await screen.findByText('1 record matches');
    await userEvent.click(screen.getByRole('button', { name: 'Export' }));
    await userEvent.click(screen.getByRole('menuitem', { name: /CSV/ }));
    await waitFor(() => expect(clicked).toHaveBeenCalled());
    expect(exportAudit).toHaveBeenCalledWith(ID, { result: 'refused' }, 'csv');
    expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe('audit-log-retail-analytics.csv');
    clicked.mockRestore();
  });

  it('says the same to those who may not read it as for what isn’t there', async () => {
    log({ auditFacets: () => Promise.reject(problem('forbidden', 'x', 403)) });
    expect(await screen.findByText('This doesn’t exist, or you can’t see it')).toBeTruthy();
  });
});

describe('New records', () => {
  beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => vi.useRealTimers());

  it('appear by themselves and leave the row that is read where it is', async () => {
    let records: AuditRecord[] = people.records;
    log({
      audit: async (_, filter) => ({ items: records.filter(each => passes(each, filter)), next_cursor: null })
    });
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.click(await screen.findByRole('button', { name: /record 312/ }));
    records = [people.record(313, 'member.leave', { object_name: 'Tom Okafor' }), ...records];
    await act(() => vi.advanceTimersByTimeAsync(4_500));
    expect(screen.getByRole('row', { name: /Left the workspace/ })).toBeTruthy();
    expect(screen.getByRole('button', { name: '1 new record above' })).toBeTruthy();
    expect(screen.getByRole('button', { name: /record 312/ }).getAttribute('aria-expanded')).toBe('true');
  });
});

describe('The export', () => {
  it('goes to the address of the filters and comes back as a file', async () => {
    const fetch = vi.fn(async (url: string) => new Response(`file of ${url}`));
    const api = new RestApi('http://server/base', fetch);
    const file = await api.exportAudit(ID, { result: 'refused', search: 'a&b' }, 'json');
    const url = `http://server/base/dataask/api/v1/workspaces/${ID}/audit/export?result=refused&search=a%26b&format=json`;
    expect(fetch.mock.calls[0]?.[0]).toBe(url);
    expect(await file.text()).toBe(`file of ${url}`);
  });
});

describe('Words', () => {
  it('fall back to what the server calls an act', () => {
    expect(actionWords('rocket.launch')).toBe('rocket.launch');
    expect(actionWords('rocket.launch', 'refused')).toBe('Tried: rocket.launch');
    expect(actionWords('session.create', 'refused')).toBe('Tried to sign in');
  });

  it('know browsers, and leave programs as they call themselves', () => {
    expect(agentWords('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15')).toBe(
      'Safari 18, macOS'
    );
    expect(agentWords('dataask/0.1.0 python-httpx')).toBe('dataask/0.1.0 python-httpx');
    expect(agentWords(null)).toBe('–');
  });
});

describe('Days', () => {
  it('begin at midnight of the workspace, also when the clocks change', () => {
    expect(startOfDay('2026-11-12', 'Europe/Berlin').toISOString()).toBe('2026-11-11T23:00:00.000Z');
    expect(startOfDay('2026-03-29', 'Europe/Berlin').toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDay('2026-03-30', 'Europe/Berlin').toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(startOfDay('2026-11-12', 'Pacific/Auckland').toISOString()).toBe('2026-11-11T11:00:00.000Z');
    expect(dayIn('Pacific/Auckland', new Date('2026-11-12T12:00:00Z'))).toBe('2026-11-13');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });
});

it('shows records of a table with one heading per column', async () => {
  log();
  const table = await screen.findByRole('table', { name: 'Records' });
  const headings = within(table).getAllByRole('columnheader').map(each => each.textContent);
  expect(headings).toEqual(['Details', 'Time', 'Who', 'Did what', 'To what', 'From', 'Result']);
});
