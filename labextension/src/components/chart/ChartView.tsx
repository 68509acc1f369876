import { useEffect, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Chart, Figure, ResultPage } from '../../api/types';
import { metric } from '../../format';
import { t } from '../../i18n';
import type { Plotly } from '../host';
import { useHost } from '../host';
import { ErrorNote } from '../ui/note';
import { colourReader, themed, watchTheme } from './theme';

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, showTips: false, doubleClick: false };

/** A chart of a result: Plotly's, or a number, which needs none. */
export function ChartView({ chart, result }: { chart: Chart; result: ResultPage }): JSX.Element | null {
  if (chart.type === 'metric') {
    return <Metric chart={chart} result={result} />;
  }
  return chart.figure === null ? null : <PlotlyChart chart={chart} figure={chart.figure} />;
}

function Metric({ chart, result }: { chart: Chart; result: ResultPage }): JSX.Element {
  const index = Math.max(0, result.columns.findIndex(column => column.name === chart.y[0]));
  const value = result.rows[0]?.[index];
  const number = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  const full = typeof value === 'number' ? value.toLocaleString() : String(value ?? '–');
  return (
    <div className="da-metric" role="img" aria-label={chart.summary || `${chart.title}: ${full}`}>
      <span className="da-metric-value" title={full}>
        {Number.isFinite(number) ? metric(number) : full}
      </span>
    </div>
  );
}

/** Room for the marks: bars that lie down need a line each. */
export function heightOf(figure: Figure): number {
  const given = figure.layout['height'];
  if (typeof given === 'number') {
    return given;
  }
  const lying = figure.data.find(trace => trace['type'] === 'bar' && trace['orientation'] === 'h');
  const names = lying?.['y'];
  if (Array.isArray(names)) {
    return Math.min(560, Math.max(120, new Set(names).size * 26 + 36));
  }
  return figure.data.some(trace => trace['type'] === 'pie') ? 280 : 240;
}

function PlotlyChart({ chart, figure }: { chart: Chart; figure: Figure }): JSX.Element {
  const { loadPlotly } = useHost();
  const box = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [drawn, setDrawn] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const height = heightOf(figure);

  useEffect(() => {
    const element = box.current;
    if (!element) {
      return undefined;
    }
    let plotly: Plotly | undefined;
    let gone = false;
    let width = 0;
    const draw = (): void => {
      width = element.clientWidth;
      if (gone || !plotly || width === 0) {
        return;
      }
      const read = colourReader(element.parentElement ?? element);
      const font = getComputedStyle(element).fontFamily;
      const { data, layout } = themed(figure, read, { font, width, height });
      read.dispose();
      Promise.resolve(plotly.react(element, data, layout, CONFIG)).then(
        () => setDrawn(true),
        (reason: unknown) => setError(asApiError(reason))
      );
    };
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== width) {
        draw();
      }
    });
    const unwatch = watchTheme(element, draw);
    loadPlotly().then(
      loaded => {
        plotly = loaded;
        if (!gone) {
          observer.observe(element);
          draw();
        }
      },
      (reason: unknown) => setError(asApiError(reason))
    );
    return () => {
      gone = true;
      observer.disconnect();
      unwatch();
      plotly?.purge(element);
    };
  }, [figure, height, loadPlotly, attempt]);

  if (error) {
    return (
      <div className="da-plot-error">
        <ErrorNote
          error={error}
          retry={() => {
            setError(null);
            setAttempt(count => count + 1);
          }}
        />
      </div>
    );
  }
  return (
    <div className="da-plot" role="img" aria-label={chart.summary || chart.title} style={{ minHeight: height }}>
      {!drawn && <div className="da-skel da-plot-wait" aria-label={t('Drawing the chart')} />}
      <div ref={box} className="da-plot-box" />
    </div>
  );
}
