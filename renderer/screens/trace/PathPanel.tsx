/** The answer first: the best-supported path in words and as a row of machines, and where its evidence ends. */
import { Menu, SegmentedControl, UnstyledButton } from '@mantine/core';
import { IconCopy, IconDownload, IconFileText } from '@tabler/icons-react';
import { useState } from 'react';
import type { PaperSize } from '../../../core/model/report.ts';
import type { TraceResult } from '../../../core/model/trace-result.ts';
import { core } from '../../link/core.ts';
import { KeepInCase } from '../../parts/case/KeepInCase.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { StoreChanged } from '../../parts/StoreChanged.tsx';
import { showDone, showError } from '../../parts/notify.ts';
import { formatCount, formatSpan } from '../../parts/format.ts';
import { saveContent } from '../../parts/save.ts';
import type { TraceAsked } from '../../state/trace-question.ts';
import { changeExtra } from '../../state/view.ts';
import { HopDiagram } from './HopDiagram.tsx';
import { linkCount, natsText, pathSentence, resultText } from './trace-words.ts';
import css from './trace.module.css';

const papers = [
  { paper: 'a4', title: 'A4' },
  { paper: 'letter', title: 'Letter' },
] as const;

export interface PathPanelProps {
  readonly asked: TraceAsked;
  readonly result: TraceResult;
  /** Which of the result's paths is shown. */
  readonly shown: number;
  readonly tookMs: number | undefined;
  readonly isOld: boolean;
  readonly onAgain: () => void;
}

export function PathPanel({ asked, result, shown, tookMs, isOld, onAgain }: PathPanelProps) {
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
          {isOld && <StoreChanged word="trace again" onAgain={onAgain} />}
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
          <KeepInCase
            what="this trace"
            keep={(note, signal) => core.call('case.keepTrace', { question: asked, note }, { signal })}
          />
          <ExportMenu asked={asked} result={result} />
        </>
      }
    >
      {refusal !== null && (
        <p className={css['refusal']} role="note">
          <strong>Insufficient evidence.</strong> {refusalSentence(refusal)}
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

/** The engine's reason, without the word that stands before it already. */
function refusalSentence(refusal: string): string {
  const reason = refusal.replace(/^insufficient( evidence)?: /i, '');
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;
}

function ExportMenu({ asked, result }: Pick<PathPanelProps, 'asked' | 'result'>) {
  const [printing, setPrinting] = useState(false);
  const print = async (paper: PaperSize) => {
    setPrinting(true);
    try {
      const { pdf, fileName, pages } = await core.call('report.trace', { ...asked, paper });
      saveContent(pdf, `${fileName}.pdf`, 'application/pdf');
      showDone(`${fileName}.pdf was made: ${formatCount(pages)} ${pages === 1 ? 'page' : 'pages'}.`);
    } catch (cause) {
      showError(cause);
    } finally {
      setPrinting(false);
    }
  };
  const copy = (text: string, what: string) => {
    navigator.clipboard.writeText(text).then(() => showDone(`${what} is on the clipboard.`), showError);
  };
  const json = () => JSON.stringify(result, null, 2);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={css['tool']} disabled={printing}>
          <IconDownload size={14} aria-hidden /> {printing ? 'Making the PDF…' : 'Export'}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {papers.map(({ paper, title }) => (
          <Menu.Item
            key={paper}
            leftSection={<IconFileText size={13} aria-hidden />}
            onClick={() => void print(paper)}
          >
            Print as PDF, {title}
          </Menu.Item>
        ))}
        <Menu.Item
          leftSection={<IconCopy size={13} aria-hidden />}
          onClick={() => copy(resultText(result), 'The answer')}
        >
          Copy as text
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDownload size={13} aria-hidden />}
          onClick={() => saveContent(json(), 'trace.json', 'application/json')}
        >
          Save as JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
