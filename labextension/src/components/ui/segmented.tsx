import * as RadioGroup from '@radix-ui/react-radio-group';

import type { IconName } from '../icons';
import { Icon } from '../icons';
import { Tip } from './tooltip';

interface SegmentedProps {
  label: string;
  value: string;
  onChange(value: string): void;
  options: { value: string; label: string; icon: IconName }[];
}

/** One of a few: the chosen one has words, the others an icon. */
export function Segmented({ label, value, onChange, options }: SegmentedProps): JSX.Element {
  return (
    <RadioGroup.Root
      className="da-seg"
      aria-label={label}
      orientation="horizontal"
      value={value}
      onValueChange={onChange}
    >
      {options.map(option => (
        <Tip key={option.value} text={option.label}>
          <RadioGroup.Item value={option.value} aria-label={option.label}>
            <Icon name={option.icon} />
            {option.value === value && <span className="da-seg-word">{option.label}</span>}
          </RadioGroup.Item>
        </Tip>
      ))}
    </RadioGroup.Root>
  );
}
