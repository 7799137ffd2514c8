/** Places, countries and registrations. */
import { ApiError } from '../../model/api-error.ts';
import type { QueryProgress } from '../../model/query.ts';
import type { geoMethods } from '../../wire/contract-geo.ts';
import type { Context, Handlers } from '../../wire/server.ts';
import { readDatabases } from '../geo/files.ts';
import { countriesOf, exportedAs, type Watched } from '../geo/flows.ts';
import { lookUp } from '../geo/lookup.ts';
import { geoInfo, placesOf } from '../geo/places.ts';
import { lookUpFolder, readGeoSettings, writeGeoSettings } from '../geo/settings.ts';
import { internet, type Transport } from '../geo/transport.ts';
import { nodeSignal } from './signal.ts';
import { queriesOf } from '../workspace/queries.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Look-ups of all clients at a time: registries turn away who asks too much. */
const MAX_LOOK_UPS = 4;

export function geoHandlers(
  workspace: Workspace,
  transport: Transport = internet,
): Handlers<typeof geoMethods> {
  let lookUps = 0;
  return {
    'geo.places': async ({ addresses, site }) => ({
      places: await placesOf(readGeoSettings(workspace.folder), addresses, site),
    }),
    'geo.info': () => geoInfo(readGeoSettings(workspace.folder), workspace.can.importPaths),
    'geo.exportedAs': async ({ addresses, from, to }, context) => ({
      addresses: await exportedAs(queriesOf(workspace), addresses, { from, to }, running(context)),
    }),
    'geo.countries': async (question, context) =>
      countriesOf(queriesOf(workspace), workspace.folder, question, running(context)),
    'geo.lookUp': async (question, context) => {
      if (lookUps >= MAX_LOOK_UPS) {
        throw new ApiError(
          'usage',
          `${MAX_LOOK_UPS} look-ups are under way: wait for one of them, or cancel it.`,
        );
      }
      lookUps++;
      try {
        const text = 'asn' in question ? `AS${question.asn}` : question.address;
        const folder = lookUpFolder(workspace.folder);
        return await lookUp(text, { folder, again: question.again, signal: nodeSignal(context), transport });
      } finally {
        lookUps--;
      }
    },
    'geo.setDatabases': async ({ paths }) => {
      if (!workspace.can.importPaths) {
        throw new ApiError(
          'usage',
          'This server opens no files of its machine: its databases were set when it was started.',
        );
      }
      const { problems } = await readDatabases(paths);
      const refused = problems.find((sentence) => paths.some((path) => sentence.startsWith(path)));
      if (refused !== undefined) throw new ApiError('unreadable-file', refused);
      writeGeoSettings(workspace.folder, { ...readGeoSettings(workspace.folder), databases: paths });
      workspace.touch();
      return {};
    },
    'geo.setSitePlace': ({ site, place }) => {
      const settings = readGeoSettings(workspace.folder);
      const sites = new Map(Object.entries(settings.sites));
      if (place) {
        const { latitude, longitude, label } = place;
        sites.set(site, label === undefined ? { latitude, longitude } : { latitude, longitude, label });
      } else sites.delete(site);
      writeGeoSettings(workspace.folder, { ...settings, sites: Object.fromEntries(sites) });
      workspace.touch();
      return {};
    },
  };
}

function running(context: Context<QueryProgress>): Watched {
  return { signal: nodeSignal(context), onProgress: (progress) => context.progress(progress) };
}
