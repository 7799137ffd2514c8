/** The one filter that every panel follows, in nfdump's language. */
import { CloseButton } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { FilterSuggestion } from '../../core/filter/complete.ts';
import { tokensOf } from '../../core/filter/tokens.ts';
import { KeyHint } from '../parts/KeyHint.tsx';
import { FILTER_INPUT_ID } from './filter-focus.ts';
import { FilterMenu } from './FilterMenu.tsx';
import { FilterPopup } from './FilterPopup.tsx';
import { useFilterText } from './use-filter-text.ts';
import css from './filter-bar.module.css';

export function FilterBar() {
  const filter = useFilterText();
  const { text, error, suggestions } = filter;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  /** Where the cursor belongs once the input shows a text that was completed. */
  const caret = useRef<number>(undefined);
  const [focused, setFocused] = useState(false);
  const [listed, setListed] = useState(false);
  const [active, setActive] = useState(-1);
  const [scroll, setScroll] = useState(0);
  // A mistake behind which nothing was typed yet may only be an unfinished filter: told when Enter was pressed.
  const [insisted, setInsisted] = useState(false);
  const isMistake = error !== undefined && (insisted || isBehind(error.position + error.length, text));
  const showList = focused && listed && suggestions.length > 0;
  const chosen = showList ? suggestions[active] : undefined;

  const type = (next: string, at: number) => {
    filter.type(next, at);
    setListed(true);
    setActive(-1);
    setInsisted(false);
  };
  const accept = (suggestion: FilterSuggestion) => {
    const rest = text.slice(suggestion.to);
    const added = suggestion.text + (rest.startsWith(' ') ? '' : ' ');
    const at = suggestion.from + added.length + (rest.startsWith(' ') ? 1 : 0);
    type(text.slice(0, suggestion.from) + added + rest, at);
    caret.current = at;
    input.current?.focus();
  };
  const apply = (next?: string) => {
    const done = filter.apply(next);
    setInsisted(!done);
    setListed(!done && listed);
    setActive(-1);
    if (!done && error) input.current?.setSelectionRange(error.position, error.position + error.length);
  };

  useLayoutEffect(() => {
    if (caret.current === undefined) return;
    input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const count = suggestions.length;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!showList) setListed(true);
      else setActive(nextOption(active, event.key === 'ArrowDown' ? 1 : -1, count));
    } else if (event.key === 'Tab' && showList && !event.shiftKey && (chosen ?? suggestions[0])) {
      const best = chosen ?? suggestions[0];
      if (!best || text.slice(best.from, best.to) === best.text) return;
      event.preventDefault();
      accept(best);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen) accept(chosen);
      else apply();
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      setListed(true);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (showList) setListed(false);
      else {
        filter.revert();
        setInsisted(false);
        input.current?.blur();
      }
    }
  };

  return (
    <div className={css['bar']} data-wrong={isMistake} data-changed={!filter.isApplied} role="search">
      <IconFilter className={css['icon']} size={15} aria-hidden />
      <div className={css['field']}>
        <div className={css['shown']} aria-hidden>
          <div className={css['colours']} style={{ transform: `translateX(${-scroll}px)` }}>
            <Coloured text={text} quiet={!isMistake} />
          </div>
        </div>
        <input
          ref={input}
          id={FILTER_INPUT_ID}
          className={css['input']}
          value={text}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          placeholder="dst port 22 and bytes > 1M and not src net 10.0.0.0/8"
          role="combobox"
          aria-label="Filter"
          aria-expanded={showList}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen ? `${id}-${active}` : undefined}
          aria-invalid={isMistake}
          aria-errormessage={isMistake ? `${id}-error` : undefined}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            setListed(false);
          }}
          onChange={(event) => type(event.currentTarget.value, event.currentTarget.selectionStart ?? 0)}
          onSelect={(event) => filter.type(text, event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => setScroll(event.currentTarget.scrollLeft)}
          onKeyDown={onKeyDown}
        />
        {(showList || isMistake) && (
          <FilterPopup
            id={id}
            error={isMistake ? error : undefined}
            scroll={scroll}
            suggestions={showList ? suggestions : []}
            active={active}
            onAccept={accept}
          />
        )}
      </div>
      {!filter.isApplied ? (
        <span className={css['hint']}>
          <KeyHint keys={['Enter']} /> apply
        </span>
      ) : (
        !focused && text === '' && <KeyHint keys={['/']} />
      )}
      {text !== '' && <CloseButton size="xs" aria-label="Clear the filter" onClick={() => apply('')} />}
      <FilterMenu text={text} onChoose={(next) => apply(next)} />
    </div>
  );
}

/** True where something was typed behind `end`, be it a space. */
const isBehind = (end: number, text: string): boolean => end > 0 && end < text.length;

/** -1 is the text itself: it lies between the last suggestion and the first. */
const nextOption = (active: number, step: 1 | -1, count: number): number =>
  ((active + 1 + step + count + 1) % (count + 1)) - 1;

function Coloured({ text, quiet }: { readonly text: string; readonly quiet: boolean }) {
  const parts = [];
  let end = 0;
  for (const token of tokensOf(text)) {
    if (token.position > end) parts.push(text.slice(end, token.position));
    const kind = quiet && token.kind === 'error' ? 'value' : token.kind;
    parts.push(
      <span key={token.position} data-kind={kind}>
        {token.text}
      </span>,
    );
    end = token.position + token.length;
  }
  parts.push(text.slice(end));
  return parts;
}
