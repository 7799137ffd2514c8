/** Below the filter: the mistake under the character where it is, and what could be typed. */
import { useEffect, useRef } from 'react';
import type { FilterSuggestion } from '../../core/filter/complete.ts';
import type { FilterError } from '../../core/filter/filter-error.ts';
import { KeyHint } from '../parts/KeyHint.tsx';
import css from './filter-bar.module.css';

export interface FilterPopupProps {
  readonly id: string;
  readonly error: FilterError | undefined;
  /** How far the text is scrolled, px. */
  readonly scroll: number;
  readonly suggestions: readonly FilterSuggestion[];
  readonly active: number;
  readonly onAccept: (suggestion: FilterSuggestion) => void;
}

export function FilterPopup({ id, error, scroll, suggestions, active, onAccept }: FilterPopupProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div className={css['popup']}>
      {error && (
        <div id={`${id}-error`} className={css['error']} role="alert">
          <span
            className={css['caret']}
            aria-hidden
            style={{
              left: `calc(${error.position}ch - ${scroll}px)`,
              width: `${Math.max(1, error.length)}ch`,
            }}
          />
          {error.message}
        </div>
      )}
      {suggestions.length > 0 && (
        <ul
          ref={list}
          id={`${id}-list`}
          className={css['list']}
          role="listbox"
          aria-label="What can come next"
        >
          {suggestions.map((suggestion, index) => (
            <li
              key={`${suggestion.text} ${suggestion.hint}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className={css['option']}
              // Pressing must not take the focus out of the filter.
              onMouseDown={(event) => {
                event.preventDefault();
                onAccept(suggestion);
              }}
            >
              <span className="truncate" data-kind={suggestion.kind}>
                {suggestion.text}
              </span>
              <span className={css['optionHint']}>{suggestion.hint}</span>
            </li>
          ))}
        </ul>
      )}
      {suggestions.length > 0 && (
        <div className={css['foot']}>
          <KeyHint keys={['↑', '↓']} /> choose <KeyHint keys={['Tab']} /> complete{' '}
          <KeyHint keys={['Enter']} /> apply <KeyHint keys={['Esc']} /> close
        </div>
      )}
    </div>
  );
}
