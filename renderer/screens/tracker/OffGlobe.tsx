/** What is at no place on the globe, in words: it is counted here, and hidden nowhere. */
import { UnstyledButton } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import css from './tracker.module.css';

export interface OffGlobeItem {
  readonly key: string;
  readonly text: string;
  readonly about: string;
  readonly onOpen?: () => void;
}

export function OffGlobe({ items }: { readonly items: readonly OffGlobeItem[] }) {
  if (items.length === 0) return null;
  return (
    <section className={css['box']} aria-label="Not on the globe" data-testid="off-globe">
      <h2 className={css['boxTitle']}>Not on the globe</h2>
      <ul className={css['chips']}>
        {items.map(({ key, text, about, onOpen }) => (
          <li key={key}>
            {onOpen ? (
              <UnstyledButton className={css['chip']} title={about} onClick={onOpen}>
                <IconMapPinOff size={13} aria-hidden /> {text}
              </UnstyledButton>
            ) : (
              <span className={css['chip']} title={about}>
                <IconMapPinOff size={13} aria-hidden /> {text}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
