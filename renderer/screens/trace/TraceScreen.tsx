/** Through which machines did this login really come? One question, its answer at the top, its evidence below. */
import { Button, SegmentedControl } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { useCall } from '../../link/use-call.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { NoFlows } from '../../parts/NoFlows.tsx';
import { EmptyNote } from '../../parts/Panel.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { formatRange, formatStamp } from '../../parts/format.ts';
import {
  checkForm,
  formOf,
  readForm,
  tidyForm,
  writeForm,
  type TraceForm,
} from '../../state/trace-question.ts';
import { changeExtra, useView } from '../../state/view.ts';
import { Answer } from './Answer.tsx';
import { CpfAnswer } from './CpfAnswer.tsx';
import { Discover } from './Discover.tsx';
import { Logins } from './Logins.tsx';
import { QuestionForm } from './QuestionForm.tsx';
import { TraceFault, TraceRunning } from './TraceStates.tsx';
import { useTrace } from './use-trace.ts';
import css from './trace.module.css';
import { formatEndpoint } from '../../../core/model/address.ts';

/** What belongs to the answer before and not to the next one. */
const answerGone = { pair: undefined, why: undefined, path: undefined };

export function TraceScreen() {
  const extra = useView((view) => view.extra);
  const form = useMemo(() => readForm(extra), [extra]);
  const isAsked = extra['go'] === '1';
  const tab = extra['tab'] === 'discover' ? 'discover' : 'trace';
  const method = extra['method'] === 'cpf' ? 'cpf' : 'engine';
  const asked = useMemo(() => checkForm(form).asked ?? null, [form]);
  const trace = useTrace(isAsked && method === 'engine' && tab === 'trace' ? asked : null);
  const ask = useCallback(
    (next: TraceForm) =>
      changeExtra({ ...writeForm(tidyForm(next)), ...answerGone, go: '1', tab: undefined }),
    [],
  );
  const again = () => {
    changeExtra({ go: '1' });
    if (isAsked) trace.again();
  };
  const isShown = isAsked && asked !== null;
  return (
    <Panes
      name="trace"
      orientation="horizontal"
      panes={[
        {
          key: 'question',
          size: 20,
          min: 15,
          content: (
            <div className={css['side']}>
              <SegmentedControl
                fullWidth
                aria-label="What is sought"
                data={[
                  { value: 'trace', label: 'Trace one login' },
                  { value: 'discover', label: 'Discover' },
                ]}
                value={tab}
                onChange={(value) => changeExtra({ tab: value === 'discover' ? value : undefined })}
              />
              {tab === 'discover' ? (
                <Sought />
              ) : (
                <>
                  <h2 className={css['sideTitle']}>Connection under investigation</h2>
                  <QuestionForm
                    form={form}
                    isAsked={isAsked}
                    onAsk={(next) => (JSON.stringify(next) === JSON.stringify(form) ? again() : ask(next))}
                    isRunning={trace.isRunning}
                    onCancel={() => changeExtra({ go: undefined })}
                  />
                  <Method method={method} />
                  <Logins
                    asked={isShown ? asked : null}
                    target={trace.result?.target}
                    onChoose={(from, atMs) => ask({ ...form, from, at: formatStamp(atMs) })}
                  />
                </>
              )}
            </div>
          ),
        },
        {
          key: 'answer',
          size: 80,
          content:
            tab === 'discover' ? (
              <Discover />
            ) : !isShown ? (
              <Beginning />
            ) : method === 'cpf' ? (
              <CpfAnswer asked={asked} />
            ) : trace.error ? (
              <TraceFault
                error={trace.error}
                onSite={(site) => ask({ ...form, site })}
                onAgain={trace.again}
              />
            ) : trace.isRunning || !trace.result ? (
              <TraceRunning progress={trace.progress} />
            ) : (
              <Answer asked={asked} trace={trace} result={trace.result} />
            ),
        },
      ]}
    />
  );
}

function Method({ method }: { readonly method: 'engine' | 'cpf' }) {
  return (
    <SegmentedControl
      fullWidth
      mt={8}
      aria-label="Method"
      data={[
        { value: 'engine', label: 'Engine' },
        { value: 'cpf', label: 'CPF, as published' },
      ]}
      value={method}
      onChange={(value) => changeExtra({ method: value === 'cpf' ? value : undefined })}
    />
  );
}

/** What a discovery looks through. */
function Sought() {
  const range = useView((view) => view.range);
  const stored = useStoredRange();
  const shown = range ?? stored;
  return (
    <div className={css['sought']}>
      <h2 className={css['sideTitle']}>Logins that carry other logins</h2>
      <p>
        Nobody need have reported them: every login of the time that is chosen at the top is compared with
        those that it may have carried.
      </p>
      {shown && <p className="mono">{formatRange(shown.from, shown.to)} UTC</p>}
      <p className="dim">
        Each finding leads into a trace from the login that left. E says how many false findings chance would
        make as good.
      </p>
    </div>
  );
}

/** Nothing is asked yet: what to do, and the sample's question in one click. */
function Beginning() {
  const stored = useStoredRange();
  const { data } = useCall('trace.sample', {}, { enabled: stored !== null });
  const sample = data?.question;
  if (stored === null) {
    return <NoFlows>A login is traced through the flows that exporters saw of it.</NoFlows>;
  }
  return (
    <EmptyNote title="Which login is to be traced?">
      <p>
        Name the machine that was logged into and a moment at which the connection was open; or choose a flow
        on Explore and press <kbd>t</kbd>.
      </p>
      {sample && (
        <Button
          color="amber"
          onClick={() =>
            changeExtra({
              ...writeForm(formOf(sample)),
              ...answerGone,
              go: '1',
            })
          }
        >
          Trace the sample: {sample.victim.address}, which saw{' '}
          {formatEndpoint(sample.from.address, sample.from.port ?? 0)} at{' '}
          {formatStamp(sample.atMs).slice(11, 19)}
        </Button>
      )}
    </EmptyNote>
  );
}
