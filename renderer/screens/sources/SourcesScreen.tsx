/** Where the flows come from: files, live collectors, the sample case; and what became of each. */
import { Panes } from '../../parts/Panes.tsx';
import { AddFiles } from './AddFiles.tsx';
import { Collector } from './Collector.tsx';
import { Exporters } from './Exporters.tsx';
import { Imports } from './Imports.tsx';
import { OpenStore } from './OpenStore.tsx';
import { SourceTable } from './SourceTable.tsx';
import css from './sources.module.css';

export function SourcesScreen() {
  return (
    <Panes
      name="sources"
      orientation="horizontal"
      panes={[
        {
          key: 'add',
          size: 30,
          min: 22,
          content: (
            <div className={css['side']}>
              <AddFiles />
              <Collector />
              <OpenStore />
            </div>
          ),
        },
        {
          key: 'what',
          size: 70,
          content: (
            <div className={css['main']}>
              <Imports />
              <div className={css['tables']}>
                <Panes
                  name="sources-tables"
                  orientation="vertical"
                  panes={[
                    { key: 'sources', size: 62, content: <SourceTable /> },
                    { key: 'exporters', size: 38, content: <Exporters /> },
                  ]}
                />
              </div>
            </div>
          ),
        },
      ]}
    />
  );
}
