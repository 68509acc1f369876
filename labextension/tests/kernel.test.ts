import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { MessageModel } from '../src/api/kernel';
import { KernelApi, KernelTransport } from '../src/api/kernel';
import { ApiError, Unreachable } from '../src/api/problems';
import type { AskEvent } from '../src/api/types';
import * as data from './fixtures';

type Sent = Record<string, unknown> & { id: string };

/** A kernel that a test plays. */
class FakeModel implements MessageModel {
  sent: Sent[] = [];
  private listeners = new Set<(content: unknown, buffers: DataView[]) => void>();

  send(content: unknown): void {
    this.sent.push(content as Sent);
  }
  on(_: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void {
    this.listeners.add(listener);
  }
  off(_: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void {
    this.listeners.delete(listener);
  }
  reply(content: Record<string, unknown>, buffers: DataView[] = []): void {
    for (const listener of this.listeners) {
      listener({ id: this.sent.at(-1)?.id, ...content }, buffers);
    }
  }
  get listening(): boolean {
    return this.listeners.size > 0;
  }
}

let model: FakeModel;
beforeEach(() => {
  model = new FakeModel();
});
afterEach(() => vi.useRealTimers());

describe('KernelApi', () => {
  it('sends a request and takes its response', async () => {
    const api = new KernelApi(model);
    const connections = api.connections(data.WS);
    expect(model.sent[0]).toMatchObject({
      type: 'request',
      method: 'GET',
      path: `workspaces/${data.WS}/connections`,
      query: {},
      body: null,
      headers: {}
    });
    model.reply({ type: 'response', status: 200, body: { items: data.connections, next_cursor: null }, headers: {} });
    expect(await connections).toHaveLength(3);
  });

  it('answers calls that are open at once, in any order', async () => {
    const api = new KernelApi(model);
    const [one, two] = [api.message(data.id(1)), api.message(data.id(2))];
    const [first, second] = model.sent;
    model.reply({ id: second?.id, type: 'response', status: 200, body: { id: 'two' } });
    model.reply({ id: first?.id, type: 'response', status: 200, body: { id: 'one' } });
    expect([await one, await two]).toEqual([{ id: 'one' }, { id: 'two' }]);
  });

  it('streams lines, as text or as values', async () => {
    const api = new KernelApi(model);
    const events: AskEvent[] = [];
    const message = data.message(1, 'flights');
    const asked = api.ask(data.WS, data.id(300), 'flights', event => events.push(event));
    expect(model.sent[0]).toMatchObject({ body: { question: 'flights' }, headers: { Accept: 'application/x-ndjson' } });
    model.reply({ type: 'line', line: JSON.stringify({ type: 'step', step: message.steps[0] }) });
    model.reply({ type: 'line', line: { type: 'message', message } });
    model.reply({ type: 'response', status: 200, body: null });
    expect(await asked).toEqual(message);
    expect(events).toHaveLength(2);
  });

  it('rejects with the problem of a response or of the kernel', async () => {
    const api = new KernelApi(model);
    const problem = { type: '/problems/not-found', title: 'This doesn’t exist', status: 404, detail: 'Gone.' };
    const byStatus = api.message(data.id(1)).catch((error: unknown) => error);
    model.reply({ type: 'response', status: 404, body: problem });
    const byKernel = api.message(data.id(1)).catch((error: unknown) => error);
    model.reply({ type: 'error', problem });
    for (const error of [await byStatus, await byKernel]) {
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ kind: 'not-found', message: 'Gone.' });
    }
  });

  it('tells the kernel when nobody waits any more', async () => {
    const api = new KernelApi(model);
    const control = new AbortController();
    const call = api.me({ signal: control.signal }).catch((error: unknown) => error);
    const id = model.sent[0]?.id;
    control.abort();
    expect(await call).toMatchObject({ name: 'AbortError' });
    expect(model.sent.at(-1)).toEqual({ id, type: 'cancel' });
  });

  it('fetches assets as bytes', async () => {
    const api = new KernelApi(model);
    const asset = api.asset('plotly');
    expect(model.sent[0]).toMatchObject({ type: 'asset', name: 'plotly' });
    const bytes = new Uint8Array([9, 1, 2, 3]);
    model.reply({ type: 'asset' }, [new DataView(bytes.buffer, 1, 3)]);
    expect([...new Uint8Array(await asset)]).toEqual([1, 2, 3]);
  });

  it('ends when the kernel is silent, and lets lines keep it awake', async () => {
    vi.useFakeTimers();
    const transport = new KernelTransport(model, 1_000);
    const call = transport.send({ method: 'GET', path: 'auth/me', onLine: () => undefined }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(900);
    model.reply({ type: 'line', line: '{}' });
    await vi.advanceTimersByTimeAsync(900);
    model.reply({ type: 'line', line: '{}' });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await call).toBeInstanceOf(Unreachable);
  });

  it('lets go of the model', async () => {
    const api = new KernelApi(model);
    const call = api.me().catch((error: unknown) => error);
    api.dispose();
    expect(await call).toBeInstanceOf(Unreachable);
    expect(model.listening).toBe(false);
  });

  it('ignores messages that are not for it', async () => {
    const api = new KernelApi(model);
    const call = api.me();
    model.reply({ id: 'other', type: 'response', status: 200, body: 1 });
    model.reply({ type: 'gossip' });
    model.reply({ type: 'response', status: 200, body: data.me });
    expect(await call).toEqual(data.me);
  });
});
