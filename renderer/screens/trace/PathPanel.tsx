/** The answer first: the best-supported path in words and as a row of machines, and where its evidence ends. */
import { Button, Menu, SegmentedControl, UnstyledButton } from '@mantine/core';
import { IconCopy, IconDownload, IconRefresh } from '@tabler/icons-react';
import type { TraceResult } from '../../../core/model/trace-result.ts';
import { Panel } from '../../parts/Panel.tsx';
import { showDone, showError } from '../../parts/notify.ts';
import { formatSpan } from '../../parts/format.ts';
import { changeExtra } from '../../state/view.ts';
import { HopDiagram } from './HopDiagram.tsx';
import { linkCount, natsText, pathSentence, resultText } from './trace-words.ts';
import css from './trace.module.css';

export interface PathPanelProps {
  readonly result: TraceResult;
  /** Which of the result's paths is shown. */
  readonly shown: number;
  readonly tookMs: number | undefined;
  readonly isOld: boolean;
  readonly onAgain: () => void;
}

export function PathPanel({ result, shown, tookMs, isOld, onAgain }: PathPanelProps) {
  const { paths, notes, refusal } = result;
  const path = paths[shown] ?? paths[0];
  const [best, second] = paths;
  const margin =
    best && second
      ? `runner-up path ${natsText(best.scoreNats - second.scoreNats)} nats behind`
      : 'no runner-up path';
  return (
    <Panel
      title={shown === 0 ? 'Best-supported path' : `Path ${shown + 1}`}
      label="Best-supported path"
      tools={
        <>
          {isOld && (
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconRefresh size={13} aria-hidden />}
              onClick={onAgain}
            >
              The store has changed: trace again
            </Button>
          )}
          <span className={`truncate ${css['wideOnly']}`}>
            {path ? linkCount(path) : 'no link'} · {margin}
            {tookMs !== undefined && ` · ${formatSpan(tookMs)}`}
          </span>
          {paths.length > 1 && (
            <SegmentedControl
              aria-label="Which path is shown"
              data={paths.map((one, i) => ({
                value: String(i),
                label: i === 0 ? 'best' : `−${natsText((best?.scoreNats ?? 0) - one.scoreNats)}`,
              }))}
              value={String(shown)}
              onChange={(value) => changeExtra({ path: value === '0' ? undefined : value, pair: undefined })}
            />
          )}
          <ExportMenu result={result} />
        </>
      }
    >
      {refusal !== null && (
        <p className={css['refusal']} role="note">
          <strong>Insufficient evidence.</strong> {refusal}
        </p>
      )}
      {path && (
        <p className={css['answer']} data-testid="trace-answer">
          {pathSentence(path)}
        </p>
      )}
      {path && <HopDiagram path={path} />}
      {notes[0] !== undefined && <p className={css['evidenceEnd']}>{notes[0]}</p>}
    </Panel>
  );
}

function ExportMenu({ result }: { readonly result: TraceResult }) {
  const copy = (text: string, what: string) => {
    navigator.clipboard.writeText(text).then(() => showDone(`${what} is on the clipboard.`), showError);
  };
  const json = () => JSON.stringify(result, null, 2);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={css['tool']}>
          <IconDownload size={14} aria-hidden /> Export
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy size={13} aria-hidden />}
          onClick={() => copy(resultText(result), 'The answer')}
        >
          Copy as text
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDownload size={13} aria-hidden />}
          onClick={() => saveText(json(), 'trace.json', 'application/json')}
        >
          Save as JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function saveText(text: string, name: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it began.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
