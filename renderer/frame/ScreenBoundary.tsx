/** A fault of the program in one screen: told there, while the others still work. */
import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { EmptyNote } from '../parts/Panel.tsx';

interface State {
  readonly fault: Error | null;
}

export class ScreenBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(cause: unknown): State {
    return { fault: cause instanceof Error ? cause : new Error(String(cause)) };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (!fault) return this.props.children;
    return (
      <EmptyNote title="This screen met a fault of the program.">
        <p>{fault.message}</p>
        <Button variant="default" onClick={() => this.setState({ fault: null })}>
          Open it again
        </Button>
      </EmptyNote>
    );
  }
}
