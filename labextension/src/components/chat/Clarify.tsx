import * as RadioGroup from '@radix-ui/react-radio-group';
import type { KeyboardEvent } from 'react';
import { useState } from 'react';

import type { Choice, Clarification, Message, WordReading } from '../../api/types';
import { t } from '../../i18n';
import { Icon } from '../icons';
import { Button } from '../ui/button';
import { Menu } from '../ui/menu';
import { useChatContext } from './context';

/** The last sentence of a message is its question, and stands out. */
function Lead({ message, fallback }: { message: string; fallback: string }): JSX.Element {
  const match = /^(?<rest>.*?[.!?]\s+)?(?<question>[^.!?]+\?)$/su.exec(message.trim());
  const question = match?.groups?.['question'];
  return question === undefined ? (
    <p className="da-lead">
      {message} {fallback !== '' && <b>{fallback}</b>}
    </p>
  ) : (
    <p className="da-lead">
      {match?.groups?.['rest']}
      <b>{question}</b>
    </p>
  );
}

/** The engine asks back instead of guessing. */
export function Clarify({ message, open }: { message: Message; open: boolean }): JSX.Element | null {
  const { clarification } = message;
  if (!clarification) {
    return null;
  }
  if (clarification.readings.length > 0) {
    return <DidYouMean message={message} clarification={clarification} open={open} />;
  }
  if (clarification.choices.length > 0) {
    return <WhichOne message={message} clarification={clarification} open={open} />;
  }
  return <NotRead message={message} clarification={clarification} />;
}

interface Part {
  message: Message;
  clarification: Clarification;
  /** False once the conversation went on. */
  open: boolean;
}

function WhichOne({ message, clarification, open }: Part): JSX.Element {
  const { ask, edit, busy } = useChatContext();
  const { choices } = clarification;
  const [picked, setPicked] = useState('0');
  const onKeyDown = (event: KeyboardEvent): void => {
    const digit = Number(event.key);
    if (digit >= 1 && digit <= choices.length && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      setPicked(String(digit - 1));
      const group = event.currentTarget;
      group.querySelectorAll<HTMLElement>('[role="radio"]')[digit - 1]?.focus();
    } else if (event.key === 'Enter' && !busy && (event.target as HTMLElement).getAttribute('role') === 'radio') {
      event.preventDefault();
      answer();
    }
  };
  const answer = (): void => {
    const choice = choices[Number(picked)];
    if (choice) {
      ask(choice.question);
    }
  };
  return (
    <>
      <Lead message={clarification.message} fallback={t('Which one do you mean?')} />
      <RadioGroup.Root
        className="da-options"
        aria-label={t('Meanings')}
        value={picked}
        onValueChange={setPicked}
        onKeyDown={onKeyDown}
        disabled={!open}
        loop
      >
        {choices.map((choice, index) => (
          <RadioGroup.Item key={index} value={String(index)} className="da-option">
            <span className="da-radio" />
            <b>{choice.label}</b>
            {choice.detail !== '' && <small>{choice.detail}</small>}
            {index < 9 && (
              <span className="da-kbd" aria-hidden="true">
                {index + 1}
              </span>
            )}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {open && (
        <div className="da-foot">
          <Button variant="primary" onClick={answer}>
            {t('Answer with this')}
          </Button>
          <Button variant="ghost" onClick={() => edit(message.question)}>
            {t('Say it differently')}
          </Button>
        </div>
      )}
      <Pills questions={clarification.suggestions} />
    </>
  );
}

/** The question with each word in its corrected form. */
export function rewritten(question: string, readings: WordReading[], picks: Map<number, Choice>): string {
  const changes = readings.flatMap((reading, index) => {
    const start = question.toLowerCase().indexOf(reading.text.toLowerCase());
    const meaning = picks.get(index)?.label ?? reading.meaning;
    return start < 0 || meaning === null ? [] : [{ start, end: start + reading.text.length, meaning }];
  });
  let result = question;
  // From the end, so that the earlier places stay where they are.
  for (const change of changes.sort((a, b) => b.start - a.start)) {
    result = result.slice(0, change.start) + change.meaning + result.slice(change.end);
  }
  return result;
}

function DidYouMean({ message, clarification, open }: Part): JSX.Element {
  const { ask, edit } = useChatContext();
  const { readings, choices } = clarification;
  const [picks, setPicks] = useState(new Map<number, Choice>());
  const only = picks.size === 1 ? [...picks.values()][0] : undefined;
  const question =
    picks.size === 0
      ? (choices[0]?.question ?? rewritten(message.question, readings, picks))
      : only !== undefined && readings.length === 1
        ? only.question
        : rewritten(message.question, readings, picks);
  // Only a question that the engine wrote itself, or one the user put together, is sure to be read.
  const answerable =
    (choices.length > 0 || picks.size > 0) &&
    readings.every((reading, index) => reading.meaning !== null || picks.has(index));
  return (
    <>
      <Lead message={clarification.message} fallback={answerable ? t('Did you mean this?') : ''} />
      <ul className="da-card da-meanings">
        {readings.map((reading, index) => {
          const pick = picks.get(index);
          const meaning = pick?.label ?? reading.meaning;
          return (
            <li key={index}>
              {message.question.toLowerCase().includes(reading.text.toLowerCase()) ? (
                <code className={reading.meaning?.toLowerCase() === reading.text.toLowerCase() ? 'da-known' : undefined}>{reading.text}</code>
              ) : (
                <span className="da-meaning-none">{reading.text}</span>
              )}
              <Icon name="arrow-right" label={t('read as')} />
              <span className="da-meaning">
                {meaning === null ? (
                  <span className="da-muted">{t('nothing in this data')}</span>
                ) : (
                  <>
                    <b>{meaning}</b> <span className="da-muted">{pick ? pick.detail : reading.detail}</span>
                  </>
                )}
              </span>
              {open && reading.choices.length > 0 && (
                <Menu
                  label={t('Change “%1”', reading.text)}
                  align="end"
                  trigger={
                    <button type="button" className="da-btn da-btn--quiet da-btn--sm">
                      {t('Change')}
                      <Icon name="chevron-down" />
                    </button>
                  }
                  items={reading.choices.map((choice, each) => ({
                    key: String(each),
                    label: choice.label,
                    detail: choice.detail,
                    checked: choice.label === meaning,
                    onSelect: () => setPicks(new Map(picks).set(index, choice))
                  }))}
                />
              )}
            </li>
          );
        })}
      </ul>
      {open && (
        <div className="da-foot">
          {answerable && (
            <Button variant="primary" onClick={() => ask(question)}>
              {t('Yes, answer that')}
            </Button>
          )}
          <Button variant="ghost" onClick={() => edit(message.question)}>
            {t('Edit the question')}
          </Button>
        </div>
      )}
      <Pills questions={clarification.suggestions} />
    </>
  );
}

function NotRead({ message, clarification }: Omit<Part, 'open'>): JSX.Element {
  const { edit } = useChatContext();
  return (
    <>
      <Lead message={clarification.message} fallback="" />
      <div className="da-foot da-foot--first">
        <Button variant="ghost" onClick={() => edit(message.question)}>
          {t('Edit the question')}
        </Button>
      </div>
      <Pills questions={clarification.suggestions} />
    </>
  );
}

/** Questions to go on with. */
export function Pills({ questions }: { questions: string[] }): JSX.Element | null {
  const { ask, mayAsk } = useChatContext();
  if (questions.length === 0 || !mayAsk) {
    return null;
  }
  return (
    <div className="da-pills" role="group" aria-label={t('Suggested next questions')}>
      {questions.map(question => (
        <button key={question} type="button" className="da-chip" onClick={() => ask(question)}>
          <Icon name="arrow-right" />
          {question}
        </button>
      ))}
    </div>
  );
}
