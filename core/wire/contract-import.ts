/** Files into the store: dropped in a browser and sent in pieces, or named by their paths. */
import { z } from 'zod';
import { count, id, nothing, text } from './contract-common.ts';
import { call } from './method.ts';

/** The largest piece of a file in one call. */
export const MAX_PIECE_BYTES = 1 << 20;
/** The start of a table that is enough to propose a mapping. */
export const MAPPING_HEAD_BYTES = 65_536;
export const MAX_UPLOAD_FILES = 10_000;

const bytes = (max: number): z.ZodType<Uint8Array> =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max);

/** What a person says of the files: see resources and `backtrail import --help`. */
const placement = {
  /** The site of all exporters in these files. */
  site: z.string().trim().min(1).max(200).optional(),
  /** JSON of a mapping, for tables that are none of the known ones. */
  mapping: z.string().max(MAX_PIECE_BYTES).optional(),
};

export const importMethods = {
  /**
   * Announces files with their sizes; a name may be a path with slashes where a folder was dropped. The pieces of each
   * file then come in order with `import.piece`; `import.run` starts the import when all have come.
   */
  'import.announce': call(
    z.strictObject({
      files: z
        .array(z.strictObject({ name: z.string().min(1).max(1024), bytes: count }))
        .min(1)
        .max(MAX_UPLOAD_FILES),
    }),
    z.object({ upload: id }),
  ),
  'import.piece': call(
    z.strictObject({ upload: id, file: count, offset: count, bytes: bytes(MAX_PIECE_BYTES) }),
    nothing,
  ),
  'import.run': call(z.strictObject({ upload: id, ...placement }), z.object({ job: id })),
  /** Gives an upload up before its import was started. */
  'import.discard': call(z.strictObject({ upload: id }), nothing),
  /** Files and folders of the host's disk, where it allows that. */
  'import.paths': call(
    z.strictObject({ paths: z.array(text).min(1).max(1000), ...placement }),
    z.object({ job: id }),
  ),
  /** The mapping that the first bytes of a table suggest, as JSON to correct; null where they are no table. */
  'import.proposeMapping': call(
    z.strictObject({ head: bytes(MAPPING_HEAD_BYTES) }),
    z.object({ mapping: z.string().nullable() }),
  ),
};
