/** Who is registered for an address: asked over the network, and only when a person wants to know. */
import { Button } from '@mantine/core';
import { IconWorldSearch } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Registration } from '../../../core/model/place.ts';
import { core } from '../../link/core.ts';
import { errorSentence } from '../../parts/errors.ts';
import { Facts, type Fact } from '../../parts/Facts.tsx';
import { formatStamp } from '../../parts/format.ts';
import css from './tracker.module.css';

export function LookUp({ address }: { readonly address: string }) {
  const { mutate, data, error, isPending } = useMutation({
    networkMode: 'always',
    mutationFn: async (again: boolean) => core.call('geo.lookUp', { address, again }),
  });
  return (
    <>
      {data && (
        <div className={css['registration']} data-testid="registration">
          <Facts facts={registrationFacts(data)} />
          {data.notes.map((note) => (
            <p key={note} className={css['cardLine']}>
              {note}
            </p>
          ))}
        </div>
      )}
      {error && (
        <p className={css['problem']} role="alert">
          {errorSentence(error)}
        </p>
      )}
      <Button
        variant="default"
        size="compact-xs"
        loading={isPending}
        leftSection={<IconWorldSearch size={13} aria-hidden />}
        title={`Asks the registries for ${address} over the internet. Nothing is asked before you click.`}
        onClick={() => mutate(data !== undefined)}
      >
        {data ? 'Look up again (online)' : 'Look up (online)'}
      </Button>
    </>
  );
}

function registrationFacts(found: Registration): Fact[] {
  const all: Fact[] = [
    ['Held by', found.owner],
    ['Network', found.name],
    ['Range', found.range],
    ['Holder’s country', found.country, 'The holder’s, as registered: not where the machine is'],
    ['Abuse', found.abuse.join(', ')],
    ['Registered', found.registered ?? ''],
    ['Changed', found.changed ?? ''],
    [
      'Told by',
      `${found.registry ?? found.server} (${found.protocol.toUpperCase()})`,
      found.asked.join('\n'),
    ],
    ['Told at', `${formatStamp(found.fetchedMs).slice(0, 16)} UTC${found.cached ? ', kept' : ''}`],
  ];
  return all.filter(([, value]) => value !== '');
}
