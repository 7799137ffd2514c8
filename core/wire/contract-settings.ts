/** What a person has set, kept beside the store: saved filters, columns, panel sizes. */
import { z } from 'zod';
import { nothing } from './contract-common.ts';
import { call } from './method.ts';

/** Characters of one value, as JSON. */
const MAX_SETTING_CHARS = 262_144;

const key = z.string().regex(/^[a-z][a-zA-Z0-9.-]{0,99}$/);

export const settingsMethods = {
  'settings.get': call(nothing, z.object({ values: z.record(z.string(), z.json()) })),
  /** null takes the setting away. */
  'settings.set': call(
    z.strictObject({
      key,
      value: z.json().refine((value) => JSON.stringify(value).length <= MAX_SETTING_CHARS),
    }),
    nothing,
  ),
};
