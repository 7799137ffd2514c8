/** Panels side by side or one above the other, with edges that can be dragged or moved by arrow keys, and remembered. */
import { Splitter } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { setPanes, useSettings } from '../state/settings.ts';

export interface PaneSpec {
  readonly key: string;
  /** Share of the whole in percent, before anybody moved an edge. */
  readonly size: number;
  readonly min?: number;
  readonly content: ReactNode;
}

export interface PanesProps {
  /** Under which the sizes are remembered. */
  readonly name: string;
  readonly orientation: 'horizontal' | 'vertical';
  readonly panes: readonly PaneSpec[];
}

export function Panes({ name, orientation, panes }: PanesProps) {
  const remembered = useSettings((settings) => settings.panes[name]);
  const [moving, setMoving] = useState<readonly number[]>();
  const kept = remembered?.length === panes.length ? remembered : undefined;
  const sizes = moving ?? kept ?? panes.map((pane) => pane.size);
  const numbers = (given: readonly (number | string)[]) =>
    given.map((size) => Number.parseFloat(String(size)));
  return (
    <Splitter
      h="100%"
      orientation={orientation}
      lineSize={1}
      withHandle={false}
      handleColor="var(--line)"
      sizes={[...sizes]}
      onSizeChange={(next) => {
        setMoving(numbers(next));
        setPanes(name, numbers(next));
      }}
      onResizeEnd={() => setMoving(undefined)}
    >
      {panes.map((pane) => (
        <Splitter.Pane key={pane.key} defaultSize={pane.size} min={pane.min ?? 12}>
          {pane.content}
        </Splitter.Pane>
      ))}
    </Splitter>
  );
}
