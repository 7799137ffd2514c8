/** How far the evidence can be trusted: what was lost, guessed, sampled or damaged on its way here. */
import { Panes } from '../../parts/Panes.tsx';
import { Collection } from './Collection.tsx';
import { Coverage } from './Coverage.tsx';
import { ExporterHealthTable } from './ExporterHealthTable.tsx';
import { Faults } from './Faults.tsx';
import { StoreHealth } from './StoreHealth.tsx';
import { Verdicts } from './Verdicts.tsx';
import { useHealth } from './use-health.ts';
import css from './health.module.css';

export function HealthScreen() {
  const health = useHealth();
  return (
    <div className={css['screen']}>
      <Verdicts health={health} />
      <div className={css['panes']}>
        <Panes
          name="health"
          orientation="vertical"
          panes={[
            { key: 'exporters', size: 38, min: 18, content: <ExporterHealthTable health={health} /> },
            {
              key: 'middle',
              size: 27,
              min: 12,
              content: (
                <Panes
                  name="health-middle"
                  orientation="horizontal"
                  panes={[
                    { key: 'coverage', size: 60, min: 25, content: <Coverage health={health} /> },
                    { key: 'collection', size: 40, min: 20, content: <Collection health={health} /> },
                  ]}
                />
              ),
            },
            {
              key: 'below',
              size: 35,
              min: 15,
              content: (
                <Panes
                  name="health-below"
                  orientation="horizontal"
                  panes={[
                    { key: 'faults', size: 50, min: 25, content: <Faults health={health} /> },
                    { key: 'store', size: 50, min: 25, content: <StoreHealth /> },
                  ]}
                />
              ),
            },
          ]}
        />
      </div>
    </div>
  );
}
