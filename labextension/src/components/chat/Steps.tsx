import { useEffect, useState } from 'react';

import type { Message, Step } from '../../api/types';
import { duration, seconds } from '../../format';
import { t, tn } from '../../i18n';
import { Icon } from '../icons';

/** What is still to come, in the order it comes. */
const TO_COME: { key: Step['key']; label: string }[] = [
  { key: 'read', label: 'Read the question' },
  { key: 'find', label: 'Find the tables' },
  { key: 'run', label: 'Run the query' },
  { key: 'chart', label: 'Choose a chart and write the answer' }
];

/** Words appear after this; before it, an answer is simply quick. */
const PATIENCE_MS = 2_000;

function useElapsed(active: boolean, since: string | null): number {
  const [start] = useState(() => (since === null ? Date.now() : Math.min(Date.now(), new Date(since).getTime())));
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    const timer = globalThis.setInterval(() => setNow(Date.now()), 250);
    return () => globalThis.clearInterval(timer);
  }, [active]);
  return Math.max(0, now - start);
}

function RunningTime(): JSX.Element | null {
  const elapsed = useElapsed(true, null);
  return elapsed < PATIENCE_MS ? null : <time>{seconds(elapsed)}</time>;
}

/** "Read as flights per month": what was read stands out. */
function StepLabel({ label }: { label: string }): JSX.Element {
  const match = /^(Read as) (.+)$/.exec(label);
  return match ? (
    <span>
      {match[1]} <b>{match[2]}</b>
    </span>
  ) : (
    <span>{label}</span>
  );
}

function StepLine({ step }: { step: Step }): JSX.Element {
  return (
    <li className={step.state === 'running' ? 'da-step--now' : undefined}>
      {step.state === 'running' && (
        <>
          <Icon name="loader-circle" className="da-spin" />
          <span className="da-still">{t('working')}</span>
        </>
      )}
      {step.state === 'done' && <Icon name="check" label={t('Done')} />}
      {step.state === 'failed' && <Icon name="x" label={t('Failed')} className="da-step-x" />}
      <StepLabel label={step.label} />
      {step.state === 'running' ? (
        <RunningTime />
      ) : (
        step.elapsed_ms !== null && step.elapsed_ms >= 0.5 && <time>{duration(step.elapsed_ms)}</time>
      )}
    </li>
  );
}

/** The steps of an answer in progress. */
export function Progress({ steps }: { steps: Step[] }): JSX.Element {
  const todo = TO_COME.filter(each => !steps.some(step => step.key === each.key));
  const next = steps.some(step => step.state === 'running') ? undefined : todo[0];
  return (
    <ol className="da-steps">
      {steps.map(step => (
        <StepLine key={step.key} step={step} />
      ))}
      {todo.map(step =>
        step === next && steps.length === 0 ? (
          <StepLine key={step.key} step={{ key: step.key, label: t(step.label), state: 'running', elapsed_ms: null }} />
        ) : (
          <li key={step.key} className="da-step--todo">
            <Icon name="circle" />
            <span>{t(step.label)}</span>
          </li>
        )
      )}
    </ol>
  );
}

/** "Understood as … · 4 steps, 1.8 s", which opens to the steps. */
export function StepsSummary({ message, narrow }: { message: Message; narrow: boolean }): JSX.Element | null {
  const { answer, steps } = message;
  if (!answer) {
    return null;
  }
  const count = tn('%1 step', '%1 steps', steps.length);
  const time = duration(answer.elapsed_ms);
  return (
    <details className="da-understood">
      <summary>
        <Icon name="chevron-right" className="da-understood-arrow" />
        <span className="da-ok">
          <Icon name="circle-check" />
        </span>
        {narrow ? (
          <span>{t('Answered in %1, %2', time, count)}</span>
        ) : (
          <span className="da-understood-text">
            {t('Understood as')} <b>{answer.understood}</b> · {count}, {time}
          </span>
        )}
      </summary>
      {narrow && (
        <p className="da-understood-read">
          {t('Understood as')} <b>{answer.understood}</b>
        </p>
      )}
      <ol className="da-steps">
        {steps.map(step => (
          <StepLine key={step.key} step={step} />
        ))}
      </ol>
    </details>
  );
}
