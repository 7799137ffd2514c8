/** Who was logged into, when, and from where: what an investigator knows at the beginning. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useCall } from '../../link/use-call.ts';
import { KeyHint } from '../../parts/KeyHint.tsx';
import { checkForm, readParty, type FormProblems, type TraceForm } from '../../state/trace-question.ts';
import css from './trace.module.css';

export interface QuestionFormProps {
  /** As the address of the view has it. */
  readonly form: TraceForm;
  /** The address of the view asks it: what is wrong with it is said at once. */
  readonly isAsked: boolean;
  readonly onAsk: (form: TraceForm) => void;
  readonly isRunning: boolean;
  readonly onCancel: () => void;
}

export function QuestionForm({ form, isAsked, onAsk, isRunning, onCancel }: QuestionFormProps) {
  const [typed, setTyped] = useState(form);
  const [insisted, setInsisted] = useState(isAsked);
  const { data } = useCall('workspace.sites', {});
  useEffect(() => setTyped(form), [form]);
  const { problems, asked } = checkForm(typed);
  const shown: FormProblems = insisted ? problems : {};
  const set = (change: Partial<TraceForm>) => setTyped({ ...typed, ...change });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setInsisted(true);
    if (asked) onAsk(typed);
  };
  /** An address with its port that was pasted as one fills both fields. */
  const setVictim = (text: string) => {
    const party = readParty(text);
    if (party?.port === undefined) set({ victim: text });
    else set({ victim: party.address, port: String(party.port) });
  };
  const sites = (data?.sites ?? []).map(({ name, named }) => ({
    value: name,
    label: named ? name : `${name} (its own site)`,
  }));
  return (
    <form className={css['form']} onSubmit={ask} aria-label="Connection under investigation" noValidate>
      <div className={css['formRow']}>
        <TextInput
          className={css['wide']}
          label="Victim address"
          value={typed.victim}
          onChange={(event) => setVictim(event.currentTarget.value)}
          error={shown.victim}
          classNames={{ input: 'mono' }}
          placeholder="203.0.113.80"
          spellCheck={false}
          autoComplete="off"
        />
        <TextInput
          className={css['narrow']}
          label="Port"
          value={typed.port}
          onChange={(event) => set({ port: event.currentTarget.value })}
          error={shown.port}
          classNames={{ input: 'mono' }}
          placeholder="any"
          inputMode="numeric"
          autoComplete="off"
        />
      </div>
      <TextInput
        label="Seen open at (UTC)"
        value={typed.at}
        onChange={(event) => set({ at: event.currentTarget.value })}
        error={shown.at}
        classNames={{ input: 'mono' }}
        placeholder="2026-11-20 14:21:07"
        spellCheck={false}
        autoComplete="off"
      />
      <TextInput
        label="Peer that the victim saw"
        value={typed.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
        error={shown.from}
        classNames={{ input: 'mono' }}
        placeholder="any address[:port]"
        spellCheck={false}
        autoComplete="off"
      />
      <div className={css['formRow']}>
        <Select
          className={css['wide']}
          label="Site of the victim"
          data={sites}
          value={typed.site === '' ? null : typed.site}
          onChange={(site) => set({ site: site ?? '' })}
          placeholder="any"
          clearable
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        <NumberInput
          className={css['narrow']}
          label="± min"
          aria-label="Minutes around that moment"
          value={typed.within}
          onChange={(value) => set({ within: String(value) })}
          error={shown.within}
          min={1}
          max={44_640}
          step={30}
          hideControls
        />
      </div>
      {isRunning ? (
        <Button variant="default" fullWidth onClick={onCancel}>
          Cancel the trace
        </Button>
      ) : (
        <Button type="submit" color="amber" fullWidth className={css['traceButton'] ?? ''}>
          Trace back <KeyHint keys={['Enter']} />
        </Button>
      )}
    </form>
  );
}
