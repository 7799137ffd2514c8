/** Places, countries and registrations: the words are those of core/model/place.ts. */
import { z } from 'zod';
import type { CountriesAnswer, ExportedAs, GeoInfo, Place, Registration } from '../model/place.ts';
import type { QueryProgress } from '../model/query.ts';
import { address, nothing, text, time } from './contract-common.ts';
import { selection } from './contract-query.ts';
import { call } from './method.ts';
import { shape } from './shape.ts';

/** Addresses of one question for places. */
export const MAX_PLACES = 1000;

const site = z.string().trim().min(1).max(200);
/** An address, which may be followed by `@SITE` as answers have it. */
const placed = z.string().min(1).max(330);
const progress = shape<QueryProgress>({ segmentsDone: 'number', segments: 'number', rowsScanned: 'number' });

export const geoMethods = {
  /** Where addresses are, in the order asked. Local addresses that name no site are at `site`. */
  'geo.places': call(
    z.strictObject({ addresses: z.array(placed).max(MAX_PLACES), site: site.optional() }),
    z.object({ places: z.array(shape<Place>({ address: 'string', kind: 'string', sources: 'array' })) }),
  ),
  /** The databases in use with their dates and credits, and the sites that were placed. */
  'geo.info': call(
    nothing,
    shape<GeoInfo>({ databases: 'array', problems: 'array', notes: 'array', sites: 'object' }),
  ),
  /** What the exporters themselves said of the AS of addresses. */
  'geo.exportedAs': call(
    z.strictObject({
      addresses: z.array(address).min(1).max(64),
      from: time.optional(),
      to: time.optional(),
    }),
    z.object({ addresses: z.array(shape<ExportedAs>({ address: 'string', numbers: 'array' })) }),
    progress,
  ),
  /** Flows, packets, bytes and distinct addresses by country. */
  'geo.countries': call(
    z.strictObject({ ...selection, side: z.enum(['source', 'destination', 'any']).default('any') }),
    shape<CountriesAnswer>({ countries: 'array', elsewhere: 'object', total: 'object' }),
    progress,
  ),
  /**
   * Asks the registries over the network, where nothing recent is kept: only because a person wants it. `address` or
   * `asn`; `again`: also where an answer is kept.
   */
  'geo.lookUp': call(
    z.union([
      z.strictObject({ address, again: z.boolean().optional() }),
      z.strictObject({ asn: z.number().int().min(1).max(4_294_967_295), again: z.boolean().optional() }),
    ]),
    shape<Registration>({ query: 'string', server: 'string', fetchedMs: 'number', owner: 'string' }),
  ),
  /**
   * A person's own databases (MMDB files of this machine), which go before those that ship; none: back to those.
   * Refused where the host does not open paths.
   */
  'geo.setDatabases': call(z.strictObject({ paths: z.array(text).max(8) }), nothing),
  /** Puts a site on the map; null takes it off. */
  'geo.setSitePlace': call(
    z.strictObject({
      site,
      place: z
        .strictObject({
          latitude: z.number().min(-90).max(90),
          longitude: z.number().min(-180).max(180),
          label: z.string().trim().min(1).max(200).optional(),
        })
        .nullable(),
    }),
    nothing,
  ),
};
