import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { ChartView, heightOf } from '../src/components/chart/ChartView';
import { resolveTokens, themed } from '../src/components/chart/theme';
import { fakeApi } from './fake';
import * as data from './fixtures';
import { makeHost, plotly, show } from './render';

const read = (token: string): string => `rgb(${token.length}, 0, 0)`;

describe('resolveTokens', () => {
  it('replaces token names anywhere in the styling', () => {
    expect(
      resolveTokens({ marker: { color: ['--da-c-1', '--da-c-2'] }, fillcolor: '--da-c-1/0.1', width: 2, on: true }, read)
    ).toEqual({ marker: { color: ['rgb(8, 0, 0)', 'rgb(8, 0, 0)'] }, fillcolor: 'rgba(8, 0, 0, 0.1)', width: 2, on: true });
  });

  it('leaves data alone, even where it looks like a token', () => {
    const trace = { x: ['--da-c-1'], y: { dtype: 'f8', bdata: 'AAAA' }, customdata: ['--da-bg'], labels: ['--da-c-2'] };
    expect(resolveTokens(trace, read)).toEqual(trace);
  });

  it('leaves other strings alone', () => {
    expect(resolveTokens('--data', read)).toBe('--data');
    expect(resolveTokens('url(--da-c-1)', read)).toBe('url(--da-c-1)');
  });

  it('does not change the figure that it was given', () => {
    const figure = { data: [{ line: { color: '--da-c-1' } }], layout: { font: { size: 12 } } };
    const copy = structuredClone(figure);
    const drawn = themed(figure, read, { font: 'Inter', width: 600, height: 240 });
    expect(figure).toEqual(copy);
    expect(drawn.layout).toMatchObject({ width: 600, height: 240, paper_bgcolor: 'rgba(0,0,0,0)', font: { family: 'Inter' } });
  });
});

describe('heightOf', () => {
  it('takes the given height, else what the marks need', () => {
    expect(heightOf({ data: [], layout: { height: 333 } })).toBe(333);
    const bars = { type: 'bar', orientation: 'h', y: Array.from({ length: 10 }, (_, index) => index) };
    expect(heightOf({ data: [bars], layout: {} })).toBe(296);
    expect(heightOf({ data: [{ type: 'scatter' }], layout: {} })).toBe(240);
  });
});

describe('ChartView', () => {
  it('draws with Plotly, in the theme, again when the theme changes', async () => {
    const answer = data.answer('line');
    const { unmount } = show(makeHost(fakeApi()), <ChartView chart={answer.chart} result={answer.result} />);
    await waitFor(() => expect(plotly.react).toHaveBeenCalled());
    const [, traces, layout] = plotly.react.mock.lastCall ?? [];
    expect(JSON.stringify([traces, layout])).not.toContain('"--da-c-1"');
    expect(layout).toMatchObject({ width: 600 });
    expect(screen.getByRole('img', { name: answer.chart.summary })).toBeTruthy();
    const before = plotly.react.mock.calls.length;
    document.body.dataset['jpThemeLight'] = 'false';
    await waitFor(() => expect(plotly.react.mock.calls.length).toBe(before + 1));
    unmount();
    expect(plotly.purge).toHaveBeenCalled();
  });

  it('shows a number without Plotly', () => {
    const answer = data.answer('metric');
    const load = vi.fn();
    show(makeHost(fakeApi(), { loadPlotly: load }), <ChartView chart={answer.chart} result={answer.result} />);
    expect(screen.getByText((336_776).toLocaleString())).toBeTruthy();
    expect(load).not.toHaveBeenCalled();
  });

  it('says why a chart can’t be drawn, and tries again', async () => {
    const load = vi.fn().mockRejectedValue(new Error('no file'));
    const answer = data.answer('bar');
    show(makeHost(fakeApi(), { loadPlotly: load }), <ChartView chart={answer.chart} result={answer.result} />);
    expect(await screen.findByText('no file')).toBeTruthy();
    screen.getByRole('button', { name: 'Try again' }).click();
    await waitFor(() => expect(load).toHaveBeenCalledTimes(2));
  });
});
