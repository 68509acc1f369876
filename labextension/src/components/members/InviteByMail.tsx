import { useQueryClient } from '@tanstack/react-query';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import { useId, useRef, useState } from 'react';

import { asApiError } from '../../api/problems';
import type { Role, Workspace } from '../../api/types';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { keys, useMe } from '../queries';
import { aboutRole } from '../roles/words';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { Menu } from '../ui/menu';

interface Address {
  text: string;
  /** Why it can't be invited. */
  problem: string | null;
}

/** The least that works for most: who only looks does no harm. */
export function usualRole(roles: Role[]): Role | undefined {
  return roles.find(each => each.id === 'viewer') ?? roles.at(-1);
}

function read(text: string): Address[] {
  return text
    .split(/[\s,;]+/)
    .filter(each => each !== '')
    .map(each => ({
      text: each,
      problem: /^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(each) ? null : t('%1 is not an e-mail address.', each)
    }));
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Invites by e-mail: several addresses, one role. */
export function InviteByMail({ workspace, roles }: { workspace: Workspace; roles: Role[] }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const me = useMe();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [addresses, setAddresses] = useState<Address[]>([]);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const role = roles.find(each => each.id === chosen) ?? usualRole(roles);
  const home = domainOf(me.data?.user.email ?? '');

  const add = (typed: string): Address[] => {
    const all = [...addresses];
    for (const each of read(typed)) {
      if (!all.some(known => known.text.toLowerCase() === each.text.toLowerCase())) {
        all.push(each);
      }
    }
    setAddresses(all);
    setText('');
    return all;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (['Enter', ',', ';', ' '].includes(event.key) && text.trim() !== '') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && text === '') {
      setAddresses(addresses.slice(0, -1));
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData.getData('text');
    if (/[\s,;]/.test(pasted.trim())) {
      event.preventDefault();
      add(text + pasted);
    }
  };

  const invite = async (): Promise<void> => {
    const all = add(text);
    if (!role || all.length === 0 || all.some(each => each.problem !== null)) {
      field.current?.focus();
      return;
    }
    setBusy(true);
    const left: Address[] = [];
    for (const each of all) {
      try {
        await api.createInvitation(workspace.id, { role: role.id, email: each.text });
      } catch (reason) {
        left.push({ text: each.text, problem: `${each.text}: ${asApiError(reason).message}` });
      }
    }
    setAddresses(left);
    setBusy(false);
    const done = all.length - left.length;
    if (done > 0) {
      announce(tn('One person invited', '%1 people invited', done));
      await client.invalidateQueries({ queryKey: keys.invitations(workspace.id) });
    }
    field.current?.focus();
  };

  const outside = addresses.filter(each => each.problem === null && home !== '' && domainOf(each.text) !== home);
  const problems = addresses.filter(each => each.problem !== null);
  return (
    <section className="da-part" aria-label={t('Invite by e-mail')}>
      <h2>{t('Invite by e-mail')}</h2>
      <div className="da-invite">
        <div className="da-input da-tokens" onClick={() => field.current?.focus()}>
          {addresses.map(each => (
            <span key={each.text} className={tokenClass(each, outside)}>
              {each.problem === null && !outside.includes(each) ? (
                <Avatar id={each.text} name={each.text} size={20} />
              ) : (
                <Icon name="triangle-alert" />
              )}
              <span className="da-trunc">{each.text}</span>
              <button
                type="button"
                aria-label={t('Take out %1', each.text)}
                onClick={() => setAddresses(addresses.filter(other => other !== each))}
              >
                <Icon name="x" />
              </button>
            </span>
          ))}
          <input
            ref={field}
            type="text"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            value={text}
            placeholder={addresses.length === 0 ? t('E-mail addresses') : ''}
            aria-label={t('E-mail addresses')}
            aria-describedby={`${id}-about`}
            aria-invalid={problems.length > 0}
            onChange={event => setText(event.target.value)}
            onBlur={() => text.trim() !== '' && add(text)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
        </div>
        <Menu
          label={t('Role of those invited')}
          align="end"
          trigger={
            <Button aria-label={t('Role of those invited: %1', role?.name ?? '')}>
              {role?.name ?? ''}
              <Icon name="chevron-down" />
            </Button>
          }
          items={roles.map(each => ({
            key: each.id,
            label: each.name,
            detail: each.built_in ? aboutRole(each.id) : t('A role of this workspace'),
            checked: each.id === role?.id,
            onSelect: () => setChosen(each.id)
          }))}
        />
        <Button variant="primary" busy={busy ? t('Inviting …') : undefined} onClick={() => void invite()}>
          {t('Invite')}
        </Button>
      </div>
      <div id={`${id}-about`} className="da-invite-about">
        {problems.map(each => (
          <p key={each.text} className="da-hint da-hint--error">
            <Icon name="circle-alert" />
            {each.problem}
          </p>
        ))}
        {outside.length > 0 && (
          <p className="da-hint da-hint--warn">
            {tn('%1 is', '%1 are', outside.length).replace(outside.length.toLocaleString(), outside.map(each => each.text).join(', '))}{' '}
            {t('outside %1. An e-mail goes out with a link that works once.', home)}
          </p>
        )}
      </div>
    </section>
  );
}

function tokenClass(address: Address, outside: Address[]): string {
  if (address.problem !== null) {
    return 'da-token da-token--error';
  }
  return outside.includes(address) ? 'da-token da-token--warn' : 'da-token';
}
