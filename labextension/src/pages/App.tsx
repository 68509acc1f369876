import { lazy, Suspense } from 'react';

import { useRouter } from './router';
import { Login } from './sign-in/Login';

const SignUp = lazy(() => import('./sign-in/SignUp').then(part => ({ default: part.SignUp })));
const Invitation = lazy(() => import('./sign-in/Invitation').then(part => ({ default: part.Invitation })));
const Reset = lazy(() => import('./sign-in/Reset').then(part => ({ default: part.Reset })));
const Inside = lazy(() => import('./shell/Inside').then(part => ({ default: part.Inside })));

/** The page that the address names. Who signs in loads no more than the form. */
export function App(): JSX.Element {
  const { route } = useRouter();
  return <Suspense fallback={<div className="da-root da-page" />}>{pageOf(route.page)}</Suspense>;
}

function pageOf(page: string): JSX.Element {
  switch (page) {
    case 'login':
      return <Login />;
    case 'signup':
      return <SignUp />;
    case 'invitation':
      return <Invitation />;
    case 'reset':
      return <Reset />;
    default:
      return <Inside />;
  }
}
