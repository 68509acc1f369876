import { useRef, useState } from 'react';

import { problemError } from '../../api/problems';
import type { Message, MessageAnswer, Rating } from '../../api/types';
import { duration } from '../../format';
import { t } from '../../i18n';
import { cellCode } from '../../insert-code';
import { copyText } from '../clipboard';
import { useHost } from '../host';
import { Icon } from '../icons';
import { Button, IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { Clarify, Pills } from './Clarify';
import { useChatContext } from './context';
import { Evidence } from './Evidence';
import { ChartSwitch, ResultBody, ResultMenu, SqlPart, useChartChoice } from './ResultCard';
import { Progress, StepsSummary } from './Steps';
import { usePatchMessage } from './useChat';

export function Question({ text }: { text: string }): JSX.Element {
  return (
    <div className="da-question">
      <p>{text}</p>
    </div>
  );
}

function Mark(): JSX.Element {
  return (
    <span className="da-mark">
      <Icon name="logo" size={18} />
    </span>
  );
}

/** A question and what came of it. */
export function Turn({ message, last }: { message: Message; last: boolean }): JSX.Element {
  const labels = {
    running: t('Answer in progress'),
    answered: t('Answer'),
    clarify: t('A question back'),
    failed: t('No answer'),
    cancelled: t('Cancelled')
  };
  return (
    <div className="da-turn" data-message={message.id} data-state={message.state}>
      <Question text={message.question} />
      <article className="da-answer" aria-label={labels[message.state]} aria-busy={message.state === 'running'}>
        <Mark />
        <div className="da-answer-body">
          <Outcome message={message} last={last} />
        </div>
      </article>
    </div>
  );
}

function Outcome({ message, last }: { message: Message; last: boolean }): JSX.Element | null {
  const { narrow, ask, busy, mayAsk } = useChatContext();
  switch (message.state) {
    case 'running':
      return <Progress steps={message.steps} />;
    case 'answered':
      return message.answer && <Answered message={message} answer={message.answer} narrow={narrow} />;
    case 'clarify':
      return <Clarify message={message} open={last && !busy && mayAsk} />;
    case 'failed':
      return message.problem ? (
        <ErrorNote error={problemError(message.problem)} retry={last && mayAsk ? () => ask(message.question) : undefined} />
      ) : null;
    case 'cancelled':
      return <Cancelled message={message} />;
  }
}

function Cancelled({ message }: { message: Message }): JSX.Element {
  const { ask, mayAsk } = useChatContext();
  const took =
    message.finished_at === null
      ? null
      : new Date(message.finished_at).getTime() - new Date(message.created_at).getTime();
  return (
    <div className="da-note da-note--plain da-cancelled" role="status">
      <Icon name="circle-x" />
      <span className="da-grow">
        {took === null ? t('Cancelled.') : t('Cancelled after %1.', duration(Math.max(0, took)))}
      </span>
      {mayAsk && (
        <button type="button" className="da-link" onClick={() => ask(message.question)}>
          {t('Ask again')}
        </button>
      )}
    </div>
  );
}

/** The state of one answer that both layouts share. */
function Answered({
  message,
  answer,
  narrow
}: {
  message: Message;
  answer: MessageAnswer;
  narrow: boolean;
}): JSX.Element {
  const { surface } = useHost();
  const { ask, mayAsk } = useChatContext();
  const view = useChartChoice(message, answer);
  const [sqlOpen, setSqlOpen] = useState(false);
  // In a cell space is dear: the chart stands free, and its controls stand with the actions below.
  const compact = surface === 'notebook' && !narrow;
  const hasRows = answer.chart.type !== 'empty';
  return (
    <>
      <StepsSummary message={message} narrow={narrow} />
      <p className="da-sentence">{answer.sentence}</p>
      {answer.detail !== null && hasRows && <p className="da-detail">{answer.detail}</p>}
      <Evidence confidence={answer.confidence} assumptions={answer.assumptions} ask={mayAsk ? ask : undefined} />
      {compact ? (
        <>
          <ResultBody answer={answer} view={view} />
          <div className="da-actions">
            <InsertButton message={message} answer={answer} />
            <Button variant="ghost" small icon="code" aria-expanded={sqlOpen} onClick={() => setSqlOpen(!sqlOpen)}>
              SQL
            </Button>
            <span className="da-grow" />
            {hasRows && <ChartSwitch answer={answer} view={view} />}
            <ResultMenu answer={answer} />
            <Thumbs message={message} />
          </div>
          {sqlOpen && (
            <div className="da-card da-sql-card">
              <SqlPart answer={answer} open onOpenChange={setSqlOpen} />
            </div>
          )}
        </>
      ) : (
        <>
          <figure className="da-card da-result">
            <header>
              <h3 className="da-trunc">{answer.chart.title || answer.understood}</h3>
              <span className="da-grow" />
              {hasRows && <ChartSwitch answer={answer} view={view} />}
              {!narrow && <ResultMenu answer={answer} />}
            </header>
            <ResultBody answer={answer} view={view} />
            <SqlPart answer={answer} open={sqlOpen} onOpenChange={setSqlOpen} />
          </figure>
          <div className="da-actions">
            <InsertButton message={message} answer={answer} />
            <span className="da-grow" />
            <Thumbs message={message} />
            {narrow && <ResultMenu answer={answer} />}
          </div>
        </>
      )}
      <Pills questions={answer.suggestions} />
    </>
  );
}

function InsertButton({ message, answer }: { message: Message; answer: MessageAnswer }): JSX.Element {
  const { insertCell, reader: published, surface } = useHost();
  // Neither a published page nor DataAsk's own has cells.
  const reader = published || surface === 'page';
  const announce = useAnnounce();
  const button = useRef<HTMLButtonElement>(null);
  const [done, setDone] = useState<string | null>(null);
  const insert = async (): Promise<void> => {
    const code = cellCode({ question: message.question, sql: answer.sql, connection: answer.connection_name });
    let words = t('Not copied. Copy the SQL instead.');
    if (!reader && button.current && (await insertCell(code, button.current))) {
      words = t('Inserted');
    } else if (await copyText(code)) {
      words = t('Code copied');
    }
    setDone(words);
    announce(words);
    globalThis.setTimeout(() => setDone(null), 2_500);
  };
  return (
    <Button
      ref={button}
      variant="ghost"
      small
      icon={done === null ? (reader ? 'copy' : 'notebook-pen') : 'check'}
      onClick={() => void insert()}
    >
      {done ?? (reader ? t('Copy code') : t('Insert as cell'))}
    </Button>
  );
}

function Thumbs({ message }: { message: Message }): JSX.Element | null {
  const { api } = useHost();
  const { workspaceId, mayEdit } = useChatContext();
  const patchMessage = usePatchMessage(workspaceId);
  const announce = useAnnounce();
  const rate = (rating: Rating): void => {
    const before = message.rating;
    const next = before === rating ? null : rating;
    patchMessage(message, known => ({ ...known, rating: next }));
    api.rate(message.id, next).then(
      () => announce(next === null ? t('Rating taken back') : t('Rating kept')),
      () => {
        patchMessage(message, known => ({ ...known, rating: before }));
        announce(t('The rating wasn’t kept. Try again.'), true);
      }
    );
  };
  if (!mayEdit) {
    return null;
  }
  return (
    <span className="da-thumbs">
      <IconButton
        icon="thumbs-up"
        label={t('Good answer')}
        aria-pressed={message.rating === 'up'}
        onClick={() => rate('up')}
      />
      <IconButton
        icon="thumbs-down"
        label={t('Wrong answer')}
        aria-pressed={message.rating === 'down'}
        onClick={() => rate('down')}
      />
    </span>
  );
}
