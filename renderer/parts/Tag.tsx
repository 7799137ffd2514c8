/** A state in a word, told by its form as well as by its colour. */
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDotted,
  IconLoader2,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './tag.module.css';

export type Tone = 'good' | 'bad' | 'busy' | 'quiet';

const icons: Readonly<Record<Tone, TablerIcon>> = {
  good: IconCircleCheck,
  bad: IconAlertTriangle,
  busy: IconLoader2,
  quiet: IconCircleDotted,
};

export function Tag({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <span className={css['tag']} data-tone={tone}>
      <Icon size={13} stroke={1.8} aria-hidden />
      {children}
    </span>
  );
}
