import { describe, expect, it, vi } from 'vitest';

import { ApiError, ExtensionMissing, Unreachable, versionMismatch } from '../src/api/problems';
import { RestApi } from '../src/api/rest';
import type { AskEvent } from '../src/api/types';
import * as data from './fixtures';

function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status });
}

function api(respond: (url: string, init: RequestInit) => Promise<Response> | Response) {
  const fetch = vi.fn(async (url: string, init: RequestInit) => respond(url, init));
  return { api: new RestApi('http://host/user/ann/', fetch), fetch };
}

/** A body that arrives in the pieces given. */
function pieces(...texts: string[]): Response {
  const encoder = new TextEncoder();
  return new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const text of texts) {
          controller.enqueue(encoder.encode(text));
        }
        controller.close();
      }
    })
  );
}

describe('RestApi', () => {
  it('asks below the base URL and follows the pages of a list', async () => {
    const { api: rest, fetch } = api(url =>
      url.includes('cursor=') ? json({ items: [data.others[0]], next_cursor: null }) : json({ items: [data.conversation], next_cursor: 'n/2' })
    );
    expect(await rest.conversations(data.WS)).toHaveLength(2);
    expect(fetch.mock.calls.map(call => call[0])).toEqual([
      `http://host/user/ann/dataask/api/v1/workspaces/${data.WS}/conversations`,
      `http://host/user/ann/dataask/api/v1/workspaces/${data.WS}/conversations?cursor=n%2F2`
    ]);
  });

  it('says which version it changes', async () => {
    const { api: rest, fetch } = api(() => json({ ...data.conversation, title: 'New' }));
    await rest.updateConversation({ ...data.conversation, version: 7 }, { title: 'New' });
    const init = fetch.mock.calls[0]?.[1];
    expect(init?.method).toBe('PATCH');
    expect(init?.headers).toMatchObject({ 'If-Match': '"7"', 'Content-Type': 'application/json' });
  });

  it('streams events, however the lines arrive', async () => {
    const message = data.message(1, 'flights');
    const lines = [
      { type: 'message', message: { ...message, state: 'running' } },
      { type: 'step', step: message.steps[0] },
      { type: 'message', message }
    ].map(line => `${JSON.stringify(line)}\n`);
    const text = lines.join('');
    const { api: rest, fetch } = api(() => pieces(text.slice(0, 30), text.slice(30, 31), text.slice(31).trimEnd()));
    const events: AskEvent[] = [];
    const last = await rest.ask(data.WS, data.id(300), 'flights', event => events.push(event));
    expect(events.map(event => event.type)).toEqual(['message', 'step', 'message']);
    expect(last).toEqual(message);
    expect(fetch.mock.calls[0]?.[1].headers).toMatchObject({ Accept: 'application/x-ndjson' });
  });

  it('keeps characters whole that a chunk cuts in two', async () => {
    const bytes = new TextEncoder().encode('{"type":"step","step":{"label":"Zürich"}}\n');
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.close();
      }
    });
    const events: AskEvent[] = [];
    await api(() => new Response(body)).api.ask(data.WS, data.id(1), 'x', event => events.push(event));
    expect(events[0]?.step?.label).toBe('Zürich');
  });

  it('turns problem documents into errors with their fields', async () => {
    const problem = {
      type: '/problems/invalid-input',
      title: 'Something in the request isn’t right',
      status: 422,
      detail: 'Path is needed.',
      errors: [{ field: 'settings.path', detail: 'Path is needed.' }],
      extra: { a: 1 }
    };
    const error = await api(() => json(problem, 422))
      .api.createConnection(data.WS, { name: 'x', kind: 'duckdb', settings: {} })
      .catch((reason: unknown) => reason as ApiError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind: 'invalid-input', status: 422, message: 'Path is needed.' });
    expect((error as ApiError).field('settings.path')).toBe('Path is needed.');
  });

  it('tells a missing extension from a missing object', async () => {
    const bare = await api(() => new Response('<html>404</html>', { status: 404 })).api.me().catch((e: unknown) => e);
    expect(bare).toBeInstanceOf(ExtensionMissing);
    const problem = { type: '/problems/not-found', title: 'This doesn’t exist, or you can’t see it', status: 404, detail: '' };
    const missing = await api(() => json(problem, 404)).api.message(data.id(1)).catch((e: unknown) => e);
    expect(missing).not.toBeInstanceOf(ExtensionMissing);
    expect(missing).toMatchObject({ kind: 'not-found' });
  });

  it('says when the server is away, and when the stream breaks', async () => {
    const away = api(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(away.api.me()).rejects.toBeInstanceOf(Unreachable);
    const broken = new ReadableStream<Uint8Array>({ pull: controller => controller.error(new Error('reset')) });
    const ask = api(() => new Response(broken)).api.ask(data.WS, data.id(1), 'x', () => undefined);
    await expect(ask).rejects.toBeInstanceOf(Unreachable);
  });

  it('passes an abort on as an abort', async () => {
    const control = new AbortController();
    control.abort();
    const { api: rest } = api((_, init) => {
      init.signal?.throwIfAborted();
      return json(data.me);
    });
    await expect(rest.me({ signal: control.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('versionMismatch', () => {
  it('names both versions when they differ', () => {
    expect(versionMismatch('0.1.0', '0.1.0')).toBeNull();
    expect(versionMismatch('0.2.0', '0.1.0')).toMatch(/0\.2\.0.*0\.1\.0/);
  });
});
