import { Icon } from '../../components/icons';
import { t } from '../../i18n';

const NOW = 'M38 53.5L74.7 56L111.3 45.2L148 39.7L184.7 33.4L221.3 24L258 26.3L294.7 29.3L331.3 23.6L368 20.2';
const BEFORE = 'M38 55L74.7 58.8L111.3 49.7L148 45.2L184.7 40.1L221.3 37.1L258 41.9L294.7 43.6L331.3 38.5L368 35.4';
const VALUES: [number, string][] = [
  [132, '0'],
  [73, '€300k'],
  [14, '€600k']
];
const MONTHS: [number, string][] = [
  [38, 'Jan'],
  [148, 'Apr'],
  [258, 'Jul'],
  [368, 'Oct']
];

/** What DataAsk does, in one picture. */
export function Example(): JSX.Element {
  return (
    <div className="da-example">
      <p className="da-example-question">{t('How is net revenue developing this year?')}</p>
      <div className="da-card da-example-answer">
        <p>{t('€4.72M from January to October, up 11.3% on last year.')}</p>
        <svg
          className="da-example-chart"
          role="img"
          aria-label={t('Net revenue by month, this year above last year')}
          viewBox="0 0 412 150"
        >
          <path className="axis" d="M38 128.5H368" />
          <path className="grid" d="M38 69.5H368M38 10.5H368" />
          {VALUES.map(([y, text]) => (
            <text key={text} x="30" y={y} textAnchor="end">
              {text}
            </text>
          ))}
          {MONTHS.map(([x, text]) => (
            <text key={text} x={x} y="146" textAnchor="middle">
              {text}
            </text>
          ))}
          <path className="before" d={BEFORE} />
          <circle className="before-end" cx="368" cy="35.4" r="3.5" />
          <text className="before-name" x="377" y="39.4">
            2025
          </text>
          <path className="area" d={`${NOW}L368 128L38 128Z`} />
          <path className="now" d={NOW} />
          <circle className="now-end" cx="368" cy="20.2" r="3.5" />
          <text className="now-name" x="377" y="24.2">
            2026
          </text>
        </svg>
        <div className="da-example-chips">
          <span className="da-badge da-badge--success">
            <Icon name="shield-check" />
            {t('High confidence')}
          </span>
          <span className="da-chip da-chip--fixed">
            <Icon name="calendar" />
            {t('Complete months')}
          </span>
          <span className="da-chip da-chip--fixed">
            <Icon name="code" />
            SQL
          </span>
        </div>
      </div>
      <p className="da-example-caption">{t('Ask in words. See the answer, the SQL and what was assumed.')}</p>
    </div>
  );
}
