import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import { Unreachable } from '../src/api/problems';
import type { AskEvent, Message } from '../src/api/types';
import { Chat } from '../src/components/chat/Chat';
import { rewritten } from '../src/components/chat/Clarify';
import type { Host } from '../src/components/host';
import { tokenize } from '../src/components/sql';
import type { Changes } from './fake';
import { fakeApi, problem } from './fake';
import * as data from './fixtures';
import { makeHost, show } from './render';

function chat(changes: Changes = {}, change: Partial<Host> = {}, conversation: string | null = data.id(300)) {
  const onConversation = vi.fn();
  const host = makeHost(fakeApi(changes), change);
  const view = show(
    host,
    <Chat workspaceId={data.WS} conversationId={conversation} connectionId={null} onConversation={onConversation} />
  );
  return { ...view, host, onConversation };
}

const composer = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: /Ask/ });
const type = (text: string): void => {
  fireEvent.change(composer(), { target: { value: text } });
};
const answered = (kind: 'bar' | 'line' | 'empty' | 'metric' = 'bar', change: Partial<Message> = {}): Message =>
  data.message(1, 'Which airlines have the worst delays?', { answer: data.answer(kind), ...change });

afterEach(() => vi.useRealTimers());

describe('Answers', () => {
  it('shows the sentence first, then the evidence', async () => {
    chat({ messages: [answered()] });
    expect(await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' })).toBeTruthy();
    expect(screen.getByText('average departure delay by airline')).toBeTruthy();
    expect(screen.getByText(/4 steps, 412 ms/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Some guesses' })).toBeTruthy();
    expect(screen.queryByText(/JOIN/)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /^SQL/ }));
    expect(screen.getByText(/JOIN/)).toBeTruthy();
    expect(screen.getByText(/7 rows · 412 ms · checked read-only/)).toBeTruthy();
  });

  it('asks the rewritten question when an assumption is changed', async () => {
    const user = userEvent.setup();
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    chat({ messages: [answered()], ask });
    await user.click(await screen.findByRole('button', { name: /Delay =/ }));
    await user.click(await screen.findByRole('menuitem', { name: /Arrival delay/ }));
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('average arrival delay by airline'));
  });

  it('keeps another chart, and shows the table without asking the server first', async () => {
    const user = userEvent.setup();
    const choose = vi.fn<DataAskApi['chooseChart']>(async (_, wanted) => ({ ...data.answer('line').chart, type: wanted, locked: true }));
    chat({ messages: [answered()], chooseChart: choose });
    await user.click(await screen.findByRole('radio', { name: 'Line' }));
    await waitFor(() => expect(screen.getByRole('radio', { name: 'Line' }).getAttribute('aria-checked')).toBe('true'));
    await user.click(screen.getByRole('radio', { name: 'Table' }));
    expect(screen.getByRole('grid')).toBeTruthy();
    expect(choose.mock.calls.map(call => call[1])).toEqual(['line', 'table']);
  });

  it('says so when another chart can’t be had', async () => {
    const user = userEvent.setup();
    chat({ messages: [answered()], chooseChart: () => Promise.reject(problem('result-gone', 'Run it again.')) });
    await user.click(await screen.findByRole('radio', { name: 'Line' }));
    expect(await screen.findByText('Run it again.')).toBeTruthy();
    expect(screen.getByRole('radio', { name: 'Bar' }).getAttribute('aria-checked')).toBe('true');
  });

  it('inserts code, or copies it where there are no cells', async () => {
    const insertCell = vi.fn(async () => true);
    const first = chat({ messages: [answered()] }, { insertCell });
    fireEvent.click(await screen.findByRole('button', { name: 'Insert as cell' }));
    expect(await screen.findByRole('button', { name: 'Inserted' })).toBeTruthy();
    expect(insertCell).toHaveBeenCalledWith(expect.stringContaining('connection="flights"'), expect.anything());
    first.unmount();

    const write = vi.fn(async () => undefined);
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: write } });
    chat({ messages: [answered()] }, { insertCell, reader: true });
    fireEvent.click(await screen.findByRole('button', { name: 'Copy code' }));
    expect(await screen.findByRole('button', { name: 'Code copied' })).toBeTruthy();
    expect(insertCell).toHaveBeenCalledTimes(1);
  });

  it('rates, and takes the rating back', async () => {
    const rate = vi.fn<DataAskApi['rate']>(async () => answered());
    chat({ messages: [answered()], rate });
    const good = await screen.findByRole('button', { name: 'Good answer' });
    fireEvent.click(good);
    await waitFor(() => expect(good.getAttribute('aria-pressed')).toBe('true'));
    fireEvent.click(good);
    expect(rate.mock.calls.map(call => call[1])).toEqual(['up', null]);
  });

  it('says when there are no rows', async () => {
    chat({ messages: [answered('empty')] });
    expect(await screen.findByText('No rows for this question')).toBeTruthy();
    expect(screen.queryByRole('radiogroup', { name: 'Show as' })).toBeNull();
  });

  it('shows markup from the data as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const answer = data.answer('bar');
    const { container } = chat({
      messages: [
        answered('bar', {
          question: hostile,
          answer: {
            ...answer,
            sentence: hostile,
            understood: hostile,
            sql: `SELECT '${hostile}'`,
            chart: { ...answer.chart, title: hostile, type: 'table', figure: null },
            result: data.page([hostile], [[hostile]]),
            suggestions: [hostile]
          }
        })
      ]
    });
    expect((await screen.findAllByText(hostile)).length).toBeGreaterThan(5);
    fireEvent.click(screen.getByRole('button', { name: /^SQL/ }));
    expect(container.querySelector('img')).toBeNull();
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('Asking', () => {
  it('makes a conversation with the first question and shows the steps', async () => {
    let emit: (event: AskEvent) => void = () => undefined;
    let finish: (message: Message | null) => void = () => undefined;
    const ask = vi.fn<DataAskApi['ask']>((_ws, _id, _question, onEvent) => {
      emit = onEvent;
      return new Promise(resolve => {
        finish = resolve;
      });
    });
    const { onConversation } = chat({ ask }, {}, null);
    await screen.findByText('Ask your first question');
    fireEvent.click(await screen.findByRole('button', { name: 'flights per month' }));
    await waitFor(() => expect(ask).toHaveBeenCalled());
    expect(onConversation).toHaveBeenCalledWith(expect.objectContaining({ id: data.id(300) }));
    const message = data.message(9, 'flights per month', { state: 'running', steps: [] });
    act(() => emit({ type: 'message', message }));
    act(() => emit({ type: 'step', step: { key: 'read', label: 'Read as number of flights', state: 'done', elapsed_ms: 12 } }));
    act(() => emit({ type: 'step', step: { key: 'run', label: 'Running on flights', state: 'running', elapsed_ms: null } }));
    expect(await screen.findByText('Running on flights')).toBeTruthy();
    expect(screen.getByRole('article', { name: 'Answer in progress' }).getAttribute('aria-busy')).toBe('true');
    expect(screen.getByText('Choose a chart and write the answer')).toBeTruthy();
    const done = { ...message, state: 'answered' as const, answer: data.answer('line') };
    act(() => emit({ type: 'message', message: done }));
    await act(async () => finish(done));
    expect(await screen.findByText(data.answer('line').sentence, { selector: '.da-sentence' })).toBeTruthy();
  });

  it('asks with Enter, breaks the line with Shift Enter, recalls with the arrow up', async () => {
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    chat({ messages: [answered()], ask });
    await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' });
    fireEvent.keyDown(composer(), { key: 'ArrowUp' });
    expect(composer().value).toBe('Which airlines have the worst delays?');
    type('one');
    fireEvent.keyDown(composer(), { key: 'Enter', shiftKey: true });
    expect(ask).not.toHaveBeenCalled();
    fireEvent.keyDown(composer(), { key: 'Enter', isComposing: true });
    expect(ask).not.toHaveBeenCalled();
    fireEvent.keyDown(composer(), { key: 'Enter' });
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('one'));
    expect(composer().value).toBe('');
  });

  it('offers questions while typing; Tab takes one', async () => {
    chat({ messages: [answered()] });
    await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' });
    type('flights per');
    const offers = await screen.findAllByRole('option');
    expect(offers).toHaveLength(3);
    expect(within(offers[0]!).getByText('asked 3 times')).toBeTruthy();
    fireEvent.keyDown(composer(), { key: 'ArrowDown' });
    fireEvent.keyDown(composer(), { key: 'Tab' });
    expect(composer().value).toBe('flights per per origin and carrier');
    expect(screen.queryByRole('option')).toBeNull();
  });

  it('stops with Escape, and lets the next question wait', async () => {
    const stop = vi.fn<DataAskApi['stop']>(async id => ({ ...data.running, id, state: 'cancelled', finished_at: data.running.created_at }));
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    chat({ messages: [data.running], stop, ask });
    await screen.findByText('Running on flights');
    expect(screen.getByRole('button', { name: 'Stop' })).toBeTruthy();
    type('and then this');
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(screen.getByText('waits')).toBeTruthy();
    expect(ask).not.toHaveBeenCalled();
    fireEvent.keyDown(composer(), { key: 'Escape' });
    await waitFor(() => expect(stop).toHaveBeenCalledWith(data.running.id));
    expect(await screen.findByText(/Cancelled after/)).toBeTruthy();
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('and then this'));
  });

  it('picks up an answer whose stream broke', async () => {
    const message = data.message(9, 'flights', { state: 'running', steps: [], finished_at: null });
    const ask: DataAskApi['ask'] = async (_ws, _id, _question, onEvent) => {
      onEvent({ type: 'message', message });
      throw new Unreachable('reset');
    };
    const read = vi.fn<DataAskApi['message']>(async () => ({ ...message, state: 'answered', answer: data.answer('bar') }));
    chat({ ask, message: read });
    await waitFor(() => expect(composer()).toBeTruthy());
    await screen.findByText('Ask your first question');
    type('flights');
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(await screen.findByText('Reconnecting …')).toBeTruthy();
    expect(await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' }, { timeout: 3_000 })).toBeTruthy();
    expect(screen.queryByText('Reconnecting …')).toBeNull();
  });

  it('keeps a question that was never asked, with a way to try again', async () => {
    const ask = vi.fn<DataAskApi['ask']>().mockRejectedValueOnce(problem('busy', 'Three questions run already.', 429));
    ask.mockResolvedValue(null);
    chat({ ask });
    await screen.findByText('Ask your first question');
    type('flights');
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(await screen.findByText('Three questions run already.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(ask).toHaveBeenCalledTimes(2));
  });

  it('says why nothing can be asked', async () => {
    chat({ connections_: [] }, {}, null);
    expect(await screen.findByText('Connect your first data')).toBeTruthy();
    expect(screen.getByText(/Add a connection first/)).toBeTruthy();
    type('x'.repeat(10));
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Ask' }).disabled).toBe(true);
  });

  it('offers a reader of a published page nothing that they may not do', async () => {
    chat({ connections_: [] }, { reader: true }, null);
    expect(await screen.findByText('There is no data here yet')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Add connection' })).toBeNull();
  });

  it('refuses a question that is too long, and says so', async () => {
    chat({ messages: [answered()] });
    await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' });
    type('x'.repeat(2_001));
    expect(screen.getByText(/at most 2,000 characters/)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Ask' }).disabled).toBe(true);
  });

  it('shows a failure where it arose', async () => {
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    chat({ messages: [data.failed], ask });
    expect(await screen.findByText('The query took too long')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('flights per second'));
  });

  it('says when a conversation can’t be read', async () => {
    chat({ conversation: () => Promise.reject(problem('not-found', 'It is gone.', 404)) });
    expect(await screen.findByText('It is gone.')).toBeTruthy();
  });
});

describe('Asking back', () => {
  it('takes a meaning by number key and answers with it', async () => {
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    chat({ messages: [data.ambiguous], ask });
    const group = await screen.findByRole('radiogroup', { name: 'Meanings' });
    expect(screen.getByText('Which one do you mean?')).toBeTruthy();
    fireEvent.keyDown(within(group).getAllByRole('radio')[0]!, { key: '2' });
    expect(screen.getByRole('radio', { name: /Most flights/ }).getAttribute('aria-checked')).toBe('true');
    fireEvent.click(screen.getByRole('button', { name: 'Answer with this' }));
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('airlines by number of flights'));
  });

  it('puts the question back into the composer', async () => {
    chat({ messages: [data.ambiguous] });
    fireEvent.click(await screen.findByRole('button', { name: 'Say it differently' }));
    expect(composer().value).toBe(data.ambiguous.question);
    expect(document.activeElement).toBe(composer());
  });

  it('offers the corrected question, and lets a word be changed', async () => {
    const user = userEvent.setup();
    const ask = vi.fn<DataAskApi['ask']>(async () => null);
    const first = chat({ messages: [data.misspelt], ask });
    await user.click(await screen.findByRole('button', { name: 'Yes, answer that' }));
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('Delays per airline in Newark'));
    first.unmount();
    chat({ messages: [data.misspelt], ask });
    const changes = await screen.findAllByRole('button', { name: 'Change' });
    await user.click(changes[1]!);
    await user.click(await screen.findByRole('menuitem', { name: /Norfolk/ }));
    await user.click(screen.getByRole('button', { name: 'Yes, answer that' }));
    await waitFor(() => expect(ask.mock.lastCall?.[2]).toBe('Delays per Airline in Norfolk'));
  });

  it('closes once the conversation went on', async () => {
    chat({ messages: [data.ambiguous, answered()] });
    await screen.findByText(data.answer('bar').sentence, { selector: '.da-sentence' });
    expect(screen.queryByRole('button', { name: 'Answer with this' })).toBeNull();
  });
});

describe('rewritten', () => {
  it('replaces words at their places, whatever their order', () => {
    const readings = data.misspelt.clarification?.readings ?? [];
    expect(rewritten('Noway: delays per arline', readings, new Map())).toBe('Newark: delays per Airline');
  });
});

describe('tokenize', () => {
  it('keeps every character', () => {
    const sql = 'SELECT "a""b", \'it\'\'s\', count(*) -- why\nFROM t /* open';
    expect(tokenize(sql).map(token => token.text).join('')).toBe(sql);
  });
  it('tells keywords, functions, text, numbers and comments', () => {
    const kinds = tokenize("SELECT sum(x), 1.5 FROM t WHERE a = 'b' -- c").filter(token => token.kind !== '');
    expect(kinds.map(token => `${token.kind}:${token.text}`)).toEqual([
      'k:SELECT', 'f:sum', 'n:1.5', 'k:FROM', 'k:WHERE', "s:'b'", 'c:-- c'
    ]);
  });
});
