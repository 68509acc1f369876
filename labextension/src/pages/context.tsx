import { createContext, useContext } from 'react';

import type { DataAskApi } from '../api/api';
import type { PageConfig } from './config';
import type { Session } from './session';

/** What all pages share. */
export interface Pages {
  config: PageConfig;
  session: Session;
  api: DataAskApi;
}

export const PagesContext = createContext<Pages | null>(null);

export function usePages(): Pages {
  const pages = useContext(PagesContext);
  if (!pages) {
    throw new Error('Pages need a PagesContext');
  }
  return pages;
}
