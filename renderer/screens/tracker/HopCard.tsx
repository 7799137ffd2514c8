/** One machine of the path: where it is and how exactly that is known, whose it is, and what was seen of it. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useSettings } from '../../state/settings.ts';
import { useView, changeView } from '../../state/view.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { KeepInCase } from '../../parts/case/KeepInCase.tsx';
import { globeColours } from '../../parts/globe/globe-colours.ts';
import { formatClock, formatCount, localTime } from '../../parts/format.ts';
import { withTerm } from '../../state/filter-terms.ts';
import { eText } from '../trace/trace-words.ts';
import { LookUp } from './LookUp.tsx';
import { pointColour, spanOf } from './path-marks.ts';
import { nameText, type LocatedPoint } from './path-points.ts';
import { exactness, placeTitle, systemText } from './place-words.ts';
import { SitePlaceForm } from './SitePlaceForm.tsx';
import css from './tracker.module.css';

export interface HopCardProps {
  readonly point: LocatedPoint;
  readonly selected: boolean;
  readonly onSelect: () => void;
}

const roles = { origin: 'earliest observed hop', stone: 'stepping stone', victim: 'victim' } as const;

export function HopCard({ point, selected, onSelect }: HopCardProps) {
  const scheme = useSettings((settings) => settings.scheme);
  const { place, name, observed, role, left, arrived } = point;
  const evidence = (left ?? arrived)?.evidence ?? null;
  const span = arrived ? spanOf(arrived) : left ? spanOf(left) : null;
  const system = place && systemText(place);
  const others = point.names.filter((other) => nameText(other) !== nameText(name));
  const Arrow = selected ? IconChevronDown : IconChevronRight;
  return (
    <li
      className={css['card']}
      data-selected={selected}
      data-observed={observed}
      data-testid="hop-card"
      id={`hop-card-${point.number}`}
    >
      <UnstyledButton className={css['cardHead']} aria-expanded={selected} onClick={onSelect}>
        <i
          className={css['dot']}
          data-hollow={!observed}
          style={{ color: pointColour(point, globeColours(scheme).palette) }}
          aria-hidden
        />
        <strong>
          {point.number} · {placeTitle(place)}
        </strong>
        <Arrow size={14} aria-hidden />
      </UnstyledButton>
      <div className={css['cardLine']}>
        {observed ? roles[role] : `${roles[role]}, inferred`} · <span className="mono">{name.address}</span>
      </div>
      {others.length > 0 && (
        <div className={css['cardLine']}>
          also seen as{' '}
          <span className="mono">
            {others.map((other) => nameText(other).replace('@', ' at ')).join(', ')}
          </span>
        </div>
      )}
      {!observed && (
        <div className={css['cardLine']}>
          No exporter saw behind this address; one at its site would confirm it.
        </div>
      )}
      <div className={css['cardLine']}>
        {system !== undefined && `${system} · `}
        {exactness(place)}
      </div>
      {span && (
        <div className={css['cardLine']}>
          {arrived ? 'entered' : 'opened'}{' '}
          <span className="mono" title={localTime(span.from)}>
            {formatClock(span.from)}
          </span>
          {evidence && (
            <>
              {' '}
              · <span title="False hops to be expected with such a score">E {eText(evidence.eValue)}</span>
            </>
          )}
        </div>
      )}
      {selected && <More point={point} />}
    </li>
  );
}

function More({ point }: { readonly point: LocatedPoint }) {
  const { name, place, names } = point;
  const { data } = useCall('geo.exportedAs', { addresses: [name.address] });
  const numbers = data?.addresses[0]?.numbers ?? [];
  const local = names.find(({ site }) => site !== undefined);
  const explore = () =>
    changeView({
      screen: 'explore',
      filter: withTerm(useView.getState().filter, `ip ${name.address}`, false),
    });
  return (
    <div className={css['more']}>
      {numbers.length > 0 && (
        <div className={css['cardLine']}>
          exporters say {numbers.map(({ asn, flows }) => `AS${asn} (${formatCount(flows)} flows)`).join(', ')}
        </div>
      )}
      {local?.site !== undefined && <SitePlaceForm site={local.site} />}
      <div className={css['buttons']}>
        {place?.kind !== 'special' && place?.kind !== 'site' && (
          <LookUp key={name.address} address={name.address} />
        )}
        <Button
          variant="default"
          size="compact-xs"
          rightSection={<IconArrowRight size={12} aria-hidden />}
          onClick={explore}
        >
          Its flows
        </Button>
        <KeepInCase
          look="button"
          what={`the host ${name.address}`}
          keep={(note, signal) =>
            core.call(
              'case.keepHost',
              { address: name.address, note, ...(name.site === undefined ? {} : { site: name.site }) },
              { signal },
            )
          }
        />
      </div>
    </div>
  );
}
