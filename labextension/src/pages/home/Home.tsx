import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import type { Workspace } from '../../api/types';
import { useHost } from '../../components/host';
import { errorOf, useMe } from '../../components/queries';
import { Button } from '../../components/ui/button';
import { ErrorNote } from '../../components/ui/note';
import { NewWorkspace } from '../../components/workspace/NewWorkspace';
import { t } from '../../i18n';
import { useRouter, useTitle } from '../router';
import { Activities } from './Activities';
import { AskBox } from './AskBox';
import { Continue } from './Continue';
import { greeting } from './greeting';
import { WorkspaceCard } from './WorkspaceCard';

/** The question first, then the workspaces, what to go on with, and what others did. */
export function Home(): JSX.Element {
  const { api } = useHost();
  const { go } = useRouter();
  const me = useMe();
  const home = useQuery({ queryKey: ['home'], queryFn: ({ signal }) => api.home({ signal }), refetchOnMount: 'always' });
  const [making, setMaking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useTitle(t('Home'));
  const error = errorOf(me) ?? errorOf(home);
  const workspaces = home.data?.workspaces;
  const open = (workspace: Workspace): void =>
    go({ page: 'ask', workspace: workspace.id, conversation: null, connection: null });

  return (
    <main className="da-in">
      <h1>{greeting(new Date(), me.data?.user.display_name ?? '')}</h1>
      {error && (
        <ErrorNote
          error={error}
          retry={() => {
            void me.refetch();
            void home.refetch();
          }}
        />
      )}
      <AskBox workspaces={workspaces} current={me.data?.workspace_id} />
      <section aria-labelledby="da-home-workspaces">
        <div className="da-home-head">
          <h2 id="da-home-workspaces">{t('Workspaces')}</h2>
          <span className="da-grow" />
          {me.data?.server.workspace_creation === true && (
            <Button ref={opener} small icon="plus" onClick={() => setMaking(true)}>
              {t('New workspace')}
            </Button>
          )}
        </div>
        {workspaces === undefined ? (
          !error && <Skeletons className="da-home-cards" count={3} />
        ) : (
          <ul className="da-home-cards">
            {workspaces.map((workspace, index) => (
              <WorkspaceCard key={workspace.id} workspace={workspace} colour={index} />
            ))}
          </ul>
        )}
      </section>
      <div className="da-home-two">
        <section aria-labelledby="da-home-continue">
          <div className="da-home-head">
            <h2 id="da-home-continue">{t('Continue')}</h2>
          </div>
          {home.data ? <Continue items={home.data.recent} /> : !error && <Skeletons className="da-home-lines" count={3} />}
        </section>
        <section aria-labelledby="da-home-activity">
          <div className="da-home-head">
            <h2 id="da-home-activity">{t('Activity')}</h2>
          </div>
          {home.data ? (
            <Activities items={home.data.activity} />
          ) : (
            !error && <Skeletons className="da-home-lines" count={3} />
          )}
        </section>
      </div>
      {making && <NewWorkspace close={() => setMaking(false)} made={open} returnTo={opener} />}
    </main>
  );
}

function Skeletons({ className, count }: { className: string; count: number }): JSX.Element {
  return (
    <div className={className} role="status" aria-label={t('Loading')}>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="da-skel" />
      ))}
    </div>
  );
}
