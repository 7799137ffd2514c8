/** Where a site is, as a person knows it: private addresses of the site are drawn there. */
import { Button, NumberInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { SitePlace } from '../../../core/model/place.ts';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { showError } from '../../parts/notify.ts';
import css from './tracker.module.css';

export function SitePlaceForm({ site }: { readonly site: string }) {
  const { data } = useCall('geo.info', {});
  const [open, setOpen] = useState(false);
  const placed = data?.sites[site];
  return (
    <div className={css['site']}>
      <Button variant="default" size="compact-xs" aria-expanded={open} onClick={() => setOpen(!open)}>
        {placed ? `Move site ${site}` : `Place site ${site}`}
      </Button>
      {open && <Fields site={site} placed={placed} onDone={() => setOpen(false)} />}
    </div>
  );
}

interface FieldsProps {
  readonly site: string;
  readonly placed: SitePlace | undefined;
  readonly onDone: () => void;
}

function Fields({ site, placed, onDone }: FieldsProps) {
  const queries = useQueryClient();
  const [latitude, setLatitude] = useState<number | string>(placed?.latitude ?? '');
  const [longitude, setLongitude] = useState<number | string>(placed?.longitude ?? '');
  const [label, setLabel] = useState(placed?.label ?? '');
  const place = async (at: SitePlace | null) => {
    try {
      await core.call('geo.setSitePlace', { site, place: at });
      for (const key of ['geo.places', 'geo.info']) await queries.invalidateQueries({ queryKey: [key] });
      onDone();
    } catch (cause) {
      showError(cause);
    }
  };
  const isWhole = typeof latitude === 'number' && typeof longitude === 'number';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole) return;
    const named = label.trim();
    void place({ latitude, longitude, ...(named === '' ? {} : { label: named }) });
  };
  return (
    <form className={css['siteFields']} onSubmit={submit}>
      <NumberInput
        label="Latitude"
        placeholder="37.57"
        min={-90}
        max={90}
        hideControls
        value={latitude}
        onChange={setLatitude}
      />
      <NumberInput
        label="Longitude"
        placeholder="126.98"
        min={-180}
        max={180}
        hideControls
        value={longitude}
        onChange={setLongitude}
      />
      <TextInput
        label="Called"
        placeholder="Seoul office"
        value={label}
        maxLength={200}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <div className={css['buttons']}>
        <Button type="submit" size="compact-xs" disabled={!isWhole}>
          Put it on the globe
        </Button>
        {placed && (
          <Button variant="default" size="compact-xs" onClick={() => void place(null)}>
            Take it off
          </Button>
        )}
      </div>
    </form>
  );
}
