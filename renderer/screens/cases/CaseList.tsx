/** The cases of the store, the newest first. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { CaseInfo } from '../../../core/model/case.ts';
import { Panel } from '../../parts/Panel.tsx';
import { Tag } from '../../parts/Tag.tsx';
import { formatCount, formatDay, formatStamp, localTime } from '../../parts/format.ts';
import { changeExtra } from '../../state/view.ts';
import { CheckBundleButton } from './CheckBundleButton.tsx';
import css from './cases.module.css';

export interface CaseListProps {
  readonly cases: readonly CaseInfo[];
  readonly open: CaseInfo | undefined;
  readonly shown: CaseInfo;
  readonly onNew: () => void;
}

export function CaseList({ cases, open, shown, onNew }: CaseListProps) {
  return (
    <div className={css['side']}>
      <Panel
        title={`Cases (${formatCount(cases.length)})`}
        label="Cases"
        tools={
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={13} aria-hidden />}
            onClick={onNew}
          >
            New case
          </Button>
        }
      >
        <ul className={css['list']}>
          {cases.toReversed().map((one) => (
            <li key={one.id}>
              <UnstyledButton
                className={css['entry']}
                aria-current={one.id === shown.id}
                onClick={() => changeExtra({ case: one.id, exhibit: undefined, step: undefined })}
              >
                <strong className="truncate">{one.name}</strong>
                <Said info={one} />
                <span className="dim" title={`${formatStamp(one.openedMs)} UTC, ${localTime(one.openedMs)}`}>
                  {formatDay(one.openedMs)} · {counted(one.items, 'exhibit')} · {counted(one.steps, 'step')}
                </span>
                {one.id === open?.id && <Tag tone="good">open: steps are recorded</Tag>}
                {one.closedMs !== null && <Tag tone="quiet">closed {formatDay(one.closedMs)}</Tag>}
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </Panel>
      <div className={css['check']}>
        <CheckBundleButton fullWidth />
      </div>
    </div>
  );
}

/** Its number and who works on it, where somebody said so. */
function Said({ info }: { readonly info: CaseInfo }) {
  const said = [info.reference, info.examiner].filter((text) => text !== '').join(' · ');
  return said === '' ? null : <span className="truncate">{said}</span>;
}

const counted = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
