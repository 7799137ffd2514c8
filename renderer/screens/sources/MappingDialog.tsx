/** What the columns of a table mean: proposed by the core, corrected by a person, and imported so. */
import { Autocomplete, Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { MAPPING_HEAD_BYTES } from '../../../core/wire/contract-import.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { EmptyNote, ErrorNote, LoadingNote } from '../../parts/Panel.tsx';
import { columnsOf, missingMeanings, readMapping, writeMapping, type MappedColumn } from './mapping.ts';
import css from './sources.module.css';

/** Meanings that are no information elements: addresses of either family, and what has no element. */
const OTHER_MEANINGS = [
  'sourceAddress',
  'destinationAddress',
  '_exporter',
  '_totalPackets',
  '_totalOctets',
  '_argusState',
  '_zeekHistory',
];

interface Proposal {
  readonly mapping: string | null;
  readonly columns: readonly MappedColumn[];
}

export interface MappingDialogProps {
  readonly file: File;
  readonly onImport: (mapping: string) => void;
  readonly onClose: () => void;
}

export function MappingDialog({ file, onImport, onClose }: MappingDialogProps) {
  const [proposal, setProposal] = useState<Proposal>();
  const [error, setError] = useState<unknown>();
  const vocabulary = useCall('workspace.vocabulary', {});
  useEffect(() => {
    propose(file).then(setProposal, setError);
  }, [file]);
  const meanings = [...new Set([...OTHER_MEANINGS, ...(vocabulary.data?.elements ?? [])])];
  const missing = missingMeanings(proposal?.columns ?? []);
  const correct = (title: string, element: string) =>
    setProposal(
      (before) =>
        before && {
          ...before,
          columns: before.columns.map((column) => (column.title === title ? { ...column, element } : column)),
        },
    );
  return (
    <Modal opened onClose={onClose} title={`What the columns of ${file.name} mean`} size="lg">
      {error !== undefined ? (
        <ErrorNote error={error} />
      ) : !proposal ? (
        <LoadingNote />
      ) : proposal.mapping === null ? (
        <EmptyNote title="This file is no table.">
          A mapping is for lines of text with columns. Other flow files are read as what they are.
        </EmptyNote>
      ) : (
        <form
          className={css['mapping']}
          onSubmit={(event) => {
            event.preventDefault();
            onImport(writeMapping(readMapping(proposal.mapping ?? '{}'), proposal.columns));
            onClose();
          }}
        >
          <p className="dim">
            A column without a meaning is left out; one whose meaning begins with _ is kept as it is. Tables
            of programs that are known by name are read as those, whatever is said here.
          </p>
          {proposal.columns.map(({ title, examples, element }) => (
            <div key={title} className={css['mapped']}>
              <span className="mono truncate" title={title}>
                {title}
              </span>
              <span className="mono dim truncate" title={examples.join('\n')}>
                {examples.join(' · ')}
              </span>
              <Autocomplete
                aria-label={`Meaning of ${title}`}
                placeholder="left out"
                data={meanings}
                limit={30}
                value={element}
                onChange={(value) => correct(title, value.trim())}
                classNames={{ input: 'mono' }}
              />
            </div>
          ))}
          {missing.length > 0 && (
            <p className={css['missing']} role="status">
              No column gives {missing.join(' or ')} of a flow: without, it can hardly be looked for.
            </p>
          )}
          <Button
            type="submit"
            ml="auto"
            mt="xs"
            disabled={proposal.columns.every(({ element }) => element === '')}
          >
            Import
          </Button>
        </form>
      )}
    </Modal>
  );
}

async function propose(file: File): Promise<Proposal> {
  const head = new Uint8Array(await file.slice(0, MAPPING_HEAD_BYTES).arrayBuffer());
  const { mapping } = await core.call('import.proposeMapping', { head });
  if (mapping === null) return { mapping, columns: [] };
  return { mapping, columns: columnsOf(readMapping(mapping), new TextDecoder().decode(head)) };
}
