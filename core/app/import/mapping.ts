/** Mapping files: what the columns of a table mean, read and proposed. */
import { ByteCursor } from '../../archive/byte-cursor.ts';
import { isText } from '../../archive/text.ts';
import { MAX_MAPPING_BYTES, parseMapping, type TableMapping } from '../../archive/text-mapping.ts';
import { proposeMapping } from '../../archive/text-proposal.ts';
import { ApiError } from '../../model/api-error.ts';
import { FileSource } from './file-source.ts';
import { loadElements } from '../resources.ts';

const HEAD_BYTES = 65_536;

/** Reads a mapping file. Throws ApiError: `unreadable-file`, or `usage` where the mapping has to be mended. */
export function loadMapping(path: string): TableMapping {
  using file = new FileSource(path);
  if (file.size > MAX_MAPPING_BYTES) {
    throw new ApiError('usage', `${path} has ${file.size} bytes: a mapping is a small JSON file.`);
  }
  try {
    return parseMapping(new TextDecoder().decode(file.readAt(0, file.size)), loadElements());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/** The mapping that the first bytes of a table suggest, as JSON to correct; null where they are no table. */
export function proposeMappingHead(head: Uint8Array): string | null {
  const mapping = isText(head) ? proposeMapping(head) : undefined;
  return mapping ? `${JSON.stringify(mapping, null, 2)}\n` : null;
}

/** The mapping that a table suggests, as JSON to correct. Throws ApiError where the file is no table. */
export function proposeMappingFile(path: string): string {
  using file = new FileSource(path);
  const mapping = proposeMappingHead(new ByteCursor(file).peek(HEAD_BYTES));
  if (mapping === null) {
    throw new ApiError('not-an-archive', `${path} is no table: a mapping is for lines of text with columns.`);
  }
  return mapping;
}
