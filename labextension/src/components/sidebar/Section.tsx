import type { ReactNode } from 'react';
import { useState } from 'react';

import { Icon } from '../icons';

/** A part of the sidebar that folds. */
export function Section({
  title,
  action,
  children
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}): JSX.Element {
  const [open, setOpen] = useState(true);
  return (
    <section className="da-side-section" aria-label={title}>
      <div className="da-side-head">
        <h3>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'chevron-down' : 'chevron-right'} />
            {title}
          </button>
        </h3>
        {action}
      </div>
      {open && children}
    </section>
  );
}
