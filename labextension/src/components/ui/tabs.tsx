import type { KeyboardEvent, ReactNode } from 'react';
import { useId, useRef } from 'react';

export interface Tab {
  key: string;
  label: string;
  count?: number | undefined;
}

interface TabsProps {
  label: string;
  tabs: Tab[];
  value: string;
  onChange(key: string): void;
  children: ReactNode;
}

/** Tabs over one panel; arrows move between them. */
export function Tabs({ label, tabs, value, onChange, children }: TabsProps): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = tabs.findIndex(each => each.key === value);
    const moves: Record<string, number> = {
      ArrowRight: (index + 1) % tabs.length,
      ArrowLeft: (index - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1
    };
    const next = moves[event.key];
    const tab = next === undefined ? undefined : tabs[next];
    if (tab && next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      onChange(tab.key);
      list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
    }
  };
  return (
    <>
      <div ref={list} className="da-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(tab => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            aria-selected={tab.key === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.key === value ? 0 : -1}
            onClick={() => onChange(tab.key)}
          >
            {tab.label}
            {tab.count !== undefined && <span className="da-meta da-num">{tab.count.toLocaleString()}</span>}
          </button>
        ))}
      </div>
      <div className="da-tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </>
  );
}
