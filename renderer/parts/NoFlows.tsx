/** Nothing is stored yet: what would stand here, and the two ways to begin. */
import { Button } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { changeView } from '../state/view.ts';
import { OpenSample } from './OpenSample.tsx';
import { EmptyNote } from './Panel.tsx';
import css from './panel.module.css';

export interface NoFlowsProps {
  readonly title?: string;
  /** What stands here once there are flows. */
  readonly children: string;
}

export function NoFlows({ title = 'No flows are stored yet.', children }: NoFlowsProps) {
  return (
    <EmptyNote title={title}>
      <p>{children}</p>
      <div className={css['begin']}>
        <OpenSample />
        <Button
          variant="default"
          leftSection={<IconDatabaseImport size={15} aria-hidden />}
          onClick={() => changeView({ screen: 'sources' })}
        >
          Add flows
        </Button>
      </div>
    </EmptyNote>
  );
}
