/** The real PDF, shown by the browser's own viewer; where there is none, what is in it and how to get it. */
import { Button } from '@mantine/core';
import { IconDownload, IconTable } from '@tabler/icons-react';
import { EmptyNote, ErrorNote, Panel } from '../../parts/Panel.tsx';
import type { MadeReport, ReportChoice, ReportMaker } from './use-report.ts';
import css from './reports.module.css';

/** For the viewer: the page as wide as the window, without the small pages beside it. */
const VIEW = 'navpanes=0&view=FitH';

export interface ReportPreviewProps {
  readonly maker: ReportMaker;
  /** Undefined where nothing was chosen yet. */
  readonly choice: ReportChoice | undefined;
}

export function ReportPreview({ maker, choice }: ReportPreviewProps) {
  const { made, error } = maker;
  if (error !== undefined) {
    return (
      <Panel title="Preview">
        <ErrorNote error={error} {...(choice ? { onRetry: () => maker.make(choice) } : {})} />
      </Panel>
    );
  }
  if (!made) {
    return (
      <Panel title="Preview">
        <EmptyNote title={maker.progress ? 'The report is being made.' : 'No report has been made yet.'}>
          {maker.progress ? 'Its pages appear here.' : 'Choose what it is about, and press Make the report.'}
        </EmptyNote>
      </Panel>
    );
  }
  const older = choice !== undefined && JSON.stringify(made.choice) !== JSON.stringify(choice);
  return (
    <Panel
      flush
      label="Preview"
      title={
        made.pages === undefined
          ? made.title
          : `${made.title} · ${made.pages} ${made.pages === 1 ? 'page' : 'pages'}`
      }
      tools={<Exports made={made} />}
    >
      <div className={css['preview']} data-testid="report-preview">
        {made.answer !== undefined && <p className={css['answer']}>{made.answer}</p>}
        {older && (
          <p className={css['older']} role="status">
            The choices have changed since: make the report again to see them.
          </p>
        )}
        <object
          className={css['pages']}
          data={`${made.pdf}#${VIEW}`}
          type="application/pdf"
          aria-label={`Report on ${made.title}`}
        >
          <EmptyNote title="This browser shows no PDF.">
            The report is ready: save it with the button above.
          </EmptyNote>
        </object>
      </div>
    </Panel>
  );
}

function Exports({ made }: { readonly made: MadeReport }) {
  const { pdf, tables, fileName } = made;
  return (
    <>
      <Button
        component="a"
        href={pdf}
        download={`${fileName}.pdf`}
        size="compact-sm"
        leftSection={<IconDownload size={14} aria-hidden />}
      >
        Save the PDF
      </Button>
      {tables !== undefined && (
        <Button
          component="a"
          href={tables}
          download={`${fileName}-tables.zip`}
          size="compact-sm"
          variant="default"
          leftSection={<IconTable size={14} aria-hidden />}
        >
          Save the tables (CSV, JSON)
        </Button>
      )}
    </>
  );
}
