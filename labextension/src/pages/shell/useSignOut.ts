import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { usePages } from '../context';

/** Ends the session for all tabs of this browser, or for all browsers; then one can sign in, and goes on to `next`. */
export function useSignOut(failed: (error: ApiError) => void): (everywhere: boolean, next?: string) => void {
  const { api, config, session } = usePages();
  return (everywhere, next) => {
    if (config.mode !== 'team') {
      location.assign(`${config.baseUrl}logout`);
      return;
    }
    api.logout(everywhere).then(
      () => {
        session.forget();
        location.assign(next === undefined ? config.loginUrl : `${config.loginUrl}?next=${encodeURIComponent(next)}`);
      },
      (reason: unknown) => failed(asApiError(reason))
    );
  };
}
