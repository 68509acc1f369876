import type { ReactNode } from 'react';

import { errorOf, useMe } from '../components/queries';
import { ErrorNote } from '../components/ui/note';
import { t } from '../i18n';

/** Knows the workspace, from the kernel's options or from the server, before anything shows. */
export function Start({
  workspaceId,
  children
}: {
  workspaceId: string | undefined;
  children(workspaceId: string): ReactNode;
}): JSX.Element {
  const me = useMe();
  const error = errorOf(me);
  const id = workspaceId ?? me.data?.workspace_id;
  if (id !== undefined) {
    return <>{children(id)}</>;
  }
  if (error) {
    return <ErrorNote error={error} retry={() => void me.refetch()} />;
  }
  return <div className="da-skel da-skel--form" role="status" aria-label={t('Loading')} />;
}
