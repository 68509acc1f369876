import type { KeyboardEvent } from 'react';
import { forwardRef, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';

import type { Suggestion } from '../../api/types';
import { t, tn } from '../../i18n';
import { Icon } from '../icons';
import { useSuggestions } from '../queries';
import { Button } from '../ui/button';

/** As the API has it. */
const MAX_CHARACTERS = 2_000;
const DEBOUNCE_MS = 150;

export interface ComposerHandle {
  focus(): void;
  put(text: string): void;
}

interface ComposerProps {
  workspaceId: string;
  connectionId: string | null;
  placeholder: string;
  busy: boolean;
  /** Why nothing can be asked, e.g. that there is no connection. */
  blocked: string | null;
  last: string | null;
  started: boolean;
  ask(question: string): void;
  stop(): void;
  newTopic(): void;
}

function useDebounced(value: string): string {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = globalThis.setTimeout(() => setLate(value), DEBOUNCE_MS);
    return () => globalThis.clearTimeout(timer);
  }, [value]);
  return late;
}

export const Composer = forwardRef<ComposerHandle, ComposerProps>(function Composer(props, ref) {
  const { workspaceId, connectionId, placeholder, busy, blocked, last, started, ask, stop, newTopic } = props;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [typing, setTyping] = useState(false);
  const [active, setActive] = useState(0);

  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus(),
    put: (value: string) => {
      setText(value);
      setTyping(false);
      area.current?.focus();
      // After React has put the text in, the caret belongs at its end.
      globalThis.setTimeout(() => area.current?.setSelectionRange(value.length, value.length));
    }
  }));

  useLayoutEffect(() => {
    const element = area.current;
    if (element) {
      element.style.height = 'auto';
      element.style.height = `${element.scrollHeight}px`;
    }
  }, [text]);

  const prefix = useDebounced(text.trim());
  const wanted = typing && blocked === null && prefix.length >= 2 && prefix.length < 200;
  const found = useSuggestions(workspaceId, connectionId, prefix, wanted);
  const offers =
    wanted && text.trim() === prefix
      ? (found.data ?? []).filter(each => each.text.toLowerCase() !== prefix.toLowerCase()).slice(0, 6)
      : [];
  const open = offers.length > 0;
  const current = Math.min(active, offers.length - 1);

  const tooLong = text.length > MAX_CHARACTERS;
  const reason =
    blocked ??
    (tooLong
      ? t(
          'A question has at most %1 characters; this one has %2.',
          MAX_CHARACTERS.toLocaleString(),
          text.length.toLocaleString()
        )
      : null);
  const canAsk = text.trim() !== '' && reason === null;

  const submit = (): void => {
    if (canAsk) {
      ask(text.trim());
      setText('');
      setTyping(false);
    }
  };
  const take = (offer: Suggestion): void => {
    setText(offer.text);
    setTyping(false);
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method composes a character, Enter and arrows belong to it.
    if (event.nativeEvent.isComposing) {
      return;
    }
    const offer = offers[current];
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') {
      if (open) {
        setTyping(false);
      } else if (busy) {
        stop();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    } else if (open && event.key === 'Tab' && !event.shiftKey && offer) {
      event.preventDefault();
      take(offer);
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((current + step + offers.length) % offers.length);
    } else if (event.key === 'ArrowUp' && text === '' && last !== null) {
      event.preventDefault();
      setText(last);
    }
  };

  return (
    <div className="da-composer">
      <div className="da-composer-column">
        {open && (
          <div className="da-offers da-menu" role="listbox" id={`${id}-offers`} aria-label={t('Questions you could ask')}>
            {offers.map((offer, index) => (
              <div
                key={offer.text}
                id={`${id}-offer-${index}`}
                role="option"
                aria-selected={index === current}
                className="da-menu-item"
                // On mouse down, so that the text field keeps the focus.
                onMouseDown={event => {
                  event.preventDefault();
                  take(offer);
                }}
              >
                <Icon name={offer.source === 'history' ? 'history' : 'sparkles'} />
                <Offer text={offer.text} typed={prefix} />
                <span className="da-grow" />
                {offer.times_asked > 0 && (
                  <span className="da-meta">{tn('asked once', 'asked %1 times', offer.times_asked)}</span>
                )}
                {index === current && <span className="da-kbd">Tab</span>}
              </div>
            ))}
          </div>
        )}
        <div className="da-box">
          <textarea
            ref={area}
            rows={1}
            value={text}
            placeholder={placeholder}
            aria-label={placeholder}
            aria-autocomplete="list"
            aria-controls={open ? `${id}-offers` : undefined}
            aria-activedescendant={open ? `${id}-offer-${current}` : undefined}
            aria-describedby={reason === null ? undefined : `${id}-reason`}
            aria-invalid={tooLong}
            onChange={event => {
              setText(event.target.value);
              setTyping(true);
              setActive(0);
            }}
            onBlur={() => setTyping(false)}
            onKeyDown={onKeyDown}
          />
          <div className="da-box-row">
            <span className="da-box-meta">
              {reason !== null ? (
                <span id={`${id}-reason`} className={tooLong ? 'da-meta da-meta--error' : 'da-meta'}>
                  {reason}
                </span>
              ) : (
                started && (
                  <span className="da-meta da-box-follow">
                    {t('Each question is read on its own.')}{' '}
                    <button type="button" className="da-link" onClick={newTopic}>
                      {t('Start a new topic')}
                    </button>
                  </span>
                )
              )}
            </span>
            {busy && text.trim() === '' ? (
              <Button small icon="square" className="da-stop" onClick={stop}>
                <span className="da-ask-word">{t('Stop')}</span>
                <span className="da-kbd" aria-hidden="true">
                  Esc
                </span>
              </Button>
            ) : (
              <Button
                variant="primary"
                small
                className="da-ask"
                disabled={!canAsk}
                onClick={submit}
              >
                <Icon name="arrow-up" className="da-ask-arrow" />
                <span className="da-ask-word">{t('Ask')}</span>
                <span className="da-kbd da-kbd--on" aria-hidden="true">
                  Enter
                </span>
              </Button>
            )}
          </div>
        </div>
      </div>
    </div>
  );
});

/** What was typed stands out at its place. */
function Offer({ text, typed }: { text: string; typed: string }): JSX.Element {
  return text.toLowerCase().startsWith(typed.toLowerCase()) ? (
    <span className="da-trunc">
      <b>{text.slice(0, typed.length)}</b>
      {text.slice(typed.length)}
    </span>
  ) : (
    <span className="da-trunc">{text}</span>
  );
}
