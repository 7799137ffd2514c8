/** What an investigation has found, kept so that it holds: cases, their exhibits, the log of every step, the bundle. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useCases } from '../../link/cases.ts';
import { NewCaseDialog } from '../../parts/case/NewCaseDialog.tsx';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { useView } from '../../state/view.ts';
import { BundleCheck } from './BundleCheck.tsx';
import { CaseList } from './CaseList.tsx';
import { CaseView } from './CaseView.tsx';
import { CheckBundleButton } from './CheckBundleButton.tsx';
import css from './cases.module.css';

export function CasesScreen() {
  const { cases, open, known, error, retry } = useCases();
  const [making, setMaking] = useState(false);
  const wanted = useView((view) => view.extra['case']);
  const shown = cases.find(({ id }) => id === wanted) ?? open ?? cases.at(-1);
  return (
    <>
      {error && !known ? (
        <ErrorNote error={error} onRetry={retry} />
      ) : !known ? (
        <LoadingNote lines={8} />
      ) : shown ? (
        <Panes
          name="cases"
          orientation="horizontal"
          panes={[
            {
              key: 'list',
              size: 20,
              min: 16,
              content: <CaseList cases={cases} open={open} shown={shown} onNew={() => setMaking(true)} />,
            },
            { key: 'case', size: 80, min: 40, content: <CaseView key={shown.id} info={shown} open={open} /> },
          ]}
        />
      ) : (
        <NoCase onNew={() => setMaking(true)} />
      )}
      <NewCaseDialog opened={making} onClose={() => setMaking(false)} />
      <BundleCheck />
    </>
  );
}

function NoCase({ onNew }: { readonly onNew: () => void }) {
  return (
    <EmptyNote title="This store has no case yet.">
      <p>
        A case keeps traces, flows, hosts, pictures, sources and notes as exhibits. While it is open, every
        step that you take goes into its log, and at the end it becomes one bundle that anybody can check.
      </p>
      <div className={css['buttons']}>
        <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={onNew}>
          Make the first case
        </Button>
        <CheckBundleButton />
      </div>
    </EmptyNote>
  );
}
