/** The store holds other flows than what is shown: a click asks again. */
import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';

export interface StoreChangedProps {
  /** `read again`, `trace again` */
  readonly word: string;
  readonly onAgain: () => void;
}

export function StoreChanged({ word, onAgain }: StoreChangedProps) {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      leftSection={<IconRefresh size={13} aria-hidden />}
      onClick={onAgain}
    >
      The store has changed: {word}
    </Button>
  );
}
