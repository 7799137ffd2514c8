/** A person's own databases of places, MMDB files of the host's disk: they are asked before those that ship. */
import { Button, Modal, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { GeoInfo } from '../../../core/model/place.ts';
import { hasPower } from '../../desktop/bridge.ts';
import { core } from '../../link/core.ts';
import { errorSentence } from '../../parts/errors.ts';
import css from './tracker.module.css';

export interface DatabasesProps {
  readonly info: GeoInfo;
  readonly onClose: () => void;
}

export function Databases({ info, onClose }: DatabasesProps) {
  const queries = useQueryClient();
  const own = info.databases.flatMap(({ own: isOwn, path }) => (isOwn && path !== null ? [path] : []));
  const [text, setText] = useState(own.join('\n'));
  const [problem, setProblem] = useState<string>();
  const use = async () => {
    try {
      const paths = text.split('\n').map((line) => line.trim());
      await core.call('geo.setDatabases', { paths: paths.filter((path) => path !== '') });
      for (const key of ['geo.places', 'geo.info', 'geo.countries'])
        await queries.invalidateQueries({ queryKey: [key] });
      onClose();
    } catch (cause) {
      setProblem(errorSentence(cause));
    }
  };
  const choose = async () => {
    const { paths } = await core.call('desktop.chooseFiles', { what: 'files' });
    setText((before) => [...before.split('\n'), ...paths].filter((line) => line.trim() !== '').join('\n'));
  };
  return (
    <Modal opened onClose={onClose} title="Databases of places" size="lg">
      <form
        className={css['databases']}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void use();
        }}
      >
        {info.notes.map((note) => (
          <p key={note} className="dim">
            {note}
          </p>
        ))}
        <Textarea
          label="Your own, a path of this machine on each line"
          description="MMDB files, such as GeoLite2-City.mmdb: the first that knows an address is believed. Empty: those that ship."
          autosize
          minRows={3}
          maxRows={8}
          spellCheck={false}
          value={text}
          error={problem}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(undefined);
          }}
          classNames={{ input: 'mono' }}
        />
        <div className={css['buttons']}>
          {hasPower('desktop.chooseFiles') && (
            <Button variant="default" onClick={() => void choose()}>
              Choose files
            </Button>
          )}
          <Button type="submit" ml="auto">
            Use them
          </Button>
        </div>
      </form>
    </Modal>
  );
}
