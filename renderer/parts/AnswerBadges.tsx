/** What an answer rests on where that bounds it: lost, sampled, damaged, counted once. */
import { HoverCard, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { AnswerNotes } from '../../core/model/query.ts';
import { useWorkspace } from '../link/workspace.ts';
import { formatCount, formatShort } from './format.ts';
import css from './answer-badges.module.css';

export function AnswerBadges({ notes }: { readonly notes: AnswerNotes }) {
  const lost = useWorkspace((workspace) => workspace.status?.collector?.lost ?? 0);
  const faults = [
    ...notes.damages,
    ...(lost > 0
      ? [`The exporters’ sequence numbers miss ${formatCount(lost)} units of what they sent.`]
      : []),
  ];
  const remarks = [
    ...(notes.sampled ? ['Flows of exporters that sample are in it: their counters are as exported.'] : []),
    ...(notes.duplicates > 0
      ? [
          `${formatCount(notes.duplicates)} observations of flows that several exporters saw are counted once.`,
        ]
      : []),
    ...notes.notes,
  ];
  return (
    <>
      {faults.length > 0 && (
        <Badge tone="bad" word={notes.damages.length > 0 ? 'incomplete' : 'lossy'} sentences={faults} />
      )}
      {remarks.length > 0 && <Badge tone="quiet" word={remarkWord(notes)} sentences={remarks} />}
    </>
  );
}

function remarkWord(notes: AnswerNotes): string {
  if (notes.sampled) return 'sampled';
  if (notes.duplicates === 0) return 'note';
  return `${formatShort(notes.duplicates)} ${notes.duplicates === 1 ? 'repeat' : 'repeats'}`;
}

interface BadgeProps {
  readonly tone: 'bad' | 'quiet';
  readonly word: string;
  readonly sentences: readonly string[];
}

function Badge({ tone, word, sentences }: BadgeProps) {
  const Icon = tone === 'bad' ? IconAlertTriangle : IconInfoCircle;
  return (
    <HoverCard position="bottom-end" width={340} shadow="md" openDelay={150}>
      <HoverCard.Target>
        <UnstyledButton
          className={css['badge']}
          data-tone={tone}
          aria-label={`${word}: ${sentences.join(' ')}`}
        >
          <Icon size={12} aria-hidden /> {word}
        </UnstyledButton>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        {sentences.map((sentence) => (
          <p key={sentence} className={css['sentence']}>
            {sentence}
          </p>
        ))}
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
