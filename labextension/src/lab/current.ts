import type { Me } from '../api/types';
import { keys } from '../components/queries';
import type { IDataAsk } from './tokens';

/** The workspace that a command means: the one given, else the one that the user is in. */
export async function currentWorkspace(service: IDataAsk, given: unknown): Promise<string> {
  if (typeof given === 'string') {
    return given;
  }
  const me = await service.client.fetchQuery<Me>({
    queryKey: keys.me,
    queryFn: ({ signal }) => service.api.me({ signal }),
    staleTime: 60_000
  });
  return me.workspace_id;
}
