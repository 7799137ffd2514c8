/** The databases of places that a question to the flows needs. */
import type { FlowSelection } from '../../model/query.ts';
import type { KernelName } from '../../query/kernels.ts';
import { placeBook } from '../geo/book.ts';
import { readDatabases, type ReadDatabases } from '../geo/files.ts';
import { readGeoSettings } from '../geo/settings.ts';

/** Undefined where the question names no country, or no database is there. */
export async function databasesFor(
  folder: string,
  kernel: KernelName,
  question: FlowSelection & { readonly fields?: readonly string[]; readonly split?: string | undefined },
): Promise<ReadDatabases | undefined> {
  const named = [...(question.fields ?? []), question.split ?? ''];
  const byCountry = kernel === 'countries' || kernel === 'month';
  if (!byCountry && !named.some((field) => /^(src|dst)?country$/.test(field))) return undefined;
  const read = await readDatabases(readGeoSettings(folder).databases);
  return read.databases.length === 0 ? undefined : read;
}

/** What an answer that names countries rests on, with the credit that its makers ask for. */
export function databaseNotes(read: ReadDatabases | undefined): readonly string[] {
  if (!read) return [];
  const named = placeBook(read)
    .databases.filter(({ kind }) => kind !== 'asn')
    .map(({ name, date, credit, url }) => {
      const by = [credit.replace(/\.$/, ''), url].filter((part) => part !== null && part !== '').join(', ');
      return `${name} of ${date ?? 'an unknown day'}${by === '' ? '' : ` (${by})`}`;
    });
  return [...read.problems, `Countries are those of ${named.join(', then ')}.`];
}
