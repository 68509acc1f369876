import type { AuditRecord } from '../../api/types';
import { t } from '../../i18n';
import { Icon } from '../icons';
import { Avatar } from '../ui/avatar';
import { IconButton } from '../ui/button';
import { stamp } from './time';
import { actionWords, agentWords, changesOf, factsOf, fieldWords, kindWords, shortHash, valueWords } from './words';

interface RowProps {
  record: AuditRecord;
  zone: string;
  open: boolean;
  toggle(): void;
}

/** "viewer to editor", where a row has room for it. */
function inShort(record: AuditRecord): string | null {
  const [first, second] = changesOf(record);
  return first && !second && first.field !== 'permissions'
    ? t('%1 to %2', valueWords(first.field, first.before), valueWords(first.field, first.after))
    : null;
}

/** One act. Roles are written out, because on a phone the table is laid out as cards. */
export function Row({ record, zone, open, toggle }: RowProps): JSX.Element {
  const did = actionWords(record.action, record.result);
  const short = inShort(record);
  return (
    <>
      <tr
        role="row"
        className="da-audit-row"
        data-open={open}
        onClick={event => {
          // Selecting text in a row is no click on it, and its button toggles by itself.
          const inButton = (event.target as Element).closest('button') !== null;
          if (!inButton && (globalThis.getSelection()?.toString() ?? '') === '') {
            toggle();
          }
        }}
      >
        <td role="cell" className="da-audit-arrow">
          <IconButton
            icon={open ? 'chevron-down' : 'chevron-right'}
            label={t('Details of %1, record %2', did, record.number.toLocaleString())}
            aria-expanded={open}
            onClick={toggle}
          />
        </td>
        <td role="cell" className="da-num da-audit-time">
          {stamp(record.at, zone)}
        </td>
        <td role="cell" className="da-audit-who">
          <span className="da-row">
            <Who record={record} />
            <span className="da-trunc">{nameOf(record)}</span>
          </span>
        </td>
        <td role="cell" className="da-audit-did">
          <b>{did}</b>
        </td>
        <td role="cell" className="da-audit-what">
          <span className="da-muted">{kindWords(record.object_kind)}</span> {record.object_name || '–'}
          {short !== null && <>: {short}</>}
        </td>
        <td role="cell" className="da-mono da-audit-from">
          {record.address ?? '–'}
        </td>
        <td role="cell" className="da-audit-result">
          {record.result === 'allowed' ? (
            <span className="da-badge da-badge--success">
              <Icon name="check" />
              {t('Allowed')}
            </span>
          ) : (
            <span className="da-badge da-badge--error">
              <Icon name="x" />
              {t('Refused')}
            </span>
          )}
        </td>
      </tr>
      {open && (
        <tr role="row" className="da-audit-details">
          <td role="cell" colSpan={7}>
            <Details record={record} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The server itself acts too. */
function nameOf(record: AuditRecord): string {
  return record.actor_id === null && record.actor_name === 'dataask' ? t('The server') : record.actor_name;
}

function Who({ record }: { record: AuditRecord }): JSX.Element {
  return record.actor_id === null ? (
    <span className="da-audit-nobody">
      <Icon name={record.via === 'none' ? 'circle-dot' : 'user'} />
    </span>
  ) : (
    <Avatar id={record.actor_id} name={record.actor_name} size={20} />
  );
}

function Details({ record }: { record: AuditRecord }): JSX.Element {
  const changes = changesOf(record);
  const facts = factsOf(record);
  return (
    <div className="da-audit-parts">
      <div>
        <h3>{changes.length > 0 || facts.length === 0 ? t('What changed') : t('What it says')}</h3>
        {changes.length > 0 && (
          <dl className="da-changes">
            {changes.map(({ field, before, after }) => (
              <div key={field}>
                <dt>{fieldWords(field)}</dt>
                <dd>
                  <del>
                    <span className="da-sr">{t('before:')}</span>
                    {valueWords(field, before)}
                  </del>
                  <Icon name="arrow-right" />
                  <ins>
                    <span className="da-sr">{t('after:')}</span>
                    {valueWords(field, after)}
                  </ins>
                </dd>
              </div>
            ))}
          </dl>
        )}
        {facts.length > 0 && (
          <dl className="da-changes">
            {facts.map(({ field, value }) => (
              <div key={field}>
                <dt>{fieldWords(field)}</dt>
                <dd>{valueWords(field, value)}</dd>
              </div>
            ))}
          </dl>
        )}
        {changes.length === 0 && facts.length === 0 && (
          <p className="da-muted">
            {record.result === 'refused' ? t('Nothing: it was refused.') : t('Nothing more was recorded.')}
          </p>
        )}
      </div>
      <div>
        <h3>{t('Record')}</h3>
        <dl className="da-record">
          <dt>{t('Number')}</dt>
          <dd className="da-num">{record.number.toLocaleString()}</dd>
          <dt>{t('Action')}</dt>
          <dd className="da-mono">{record.action}</dd>
          <dt>{t('Request')}</dt>
          <dd className="da-mono">{record.request_id ?? '–'}</dd>
          <dt>{t('Browser')}</dt>
          <dd title={record.agent ?? undefined}>{agentWords(record.agent)}</dd>
          <dt>{t('Fingerprint')}</dt>
          <dd className="da-mono" title={record.hash}>
            {shortHash(record.hash)}
          </dd>
          <dt>{t('Follows')}</dt>
          <dd className="da-mono" title={record.previous_hash}>
            {record.number > 1
              ? `${(record.number - 1).toLocaleString()} · ${shortHash(record.previous_hash)}`
              : t('nothing: it is the first')}
          </dd>
        </dl>
      </div>
    </div>
  );
}
