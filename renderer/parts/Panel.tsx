/** A part of a screen with its title, its tools and its four states. */
import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { errorSentence } from './errors.ts';
import css from './panel.module.css';

export interface PanelProps {
  readonly title: ReactNode;
  /** What stands at the right of the title: counts, choices. */
  readonly tools?: ReactNode;
  /** A name for assistive technology where the title is not plain text. */
  readonly label?: string;
  readonly children: ReactNode;
  /** Without space around the content: tables and charts that reach the edge. */
  readonly flush?: boolean;
  /** Its content is read, with nothing in it to focus: the panel itself is, so that keys can scroll it. */
  readonly scrolls?: boolean;
}

export function Panel({ title, tools, label, children, flush = false, scrolls = false }: PanelProps) {
  return (
    <section className={css['panel']} aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      <header className={css['header']}>
        <h2 className={css['title']}>{title}</h2>
        <div className={css['tools']}>{tools}</div>
      </header>
      <div className={flush ? css['flush'] : css['body']} tabIndex={scrolls ? 0 : undefined}>
        {children}
      </div>
    </section>
  );
}

/** Nothing to show, and what to do about it. */
export function EmptyNote({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={css['note']} role="status">
      <strong>{title}</strong>
      {children !== undefined && <div className="dim">{children}</div>}
    </div>
  );
}

/** What happened, in the sentence that came with the error, and what to do. */
export function ErrorNote({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  return (
    <div className={css['note']} role="alert">
      <strong className={css['bad']}>
        <IconAlertTriangle size={15} aria-hidden /> {errorSentence(error)}
      </strong>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Lines that stand for content on its way. */
export function LoadingNote({ lines = 5 }: { readonly lines?: number }) {
  return (
    <div className={css['loading']} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} height={12} width={`${90 - ((i * 17) % 40)}%`} radius="xs" />
      ))}
    </div>
  );
}
