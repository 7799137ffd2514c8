/**
 * What only a desktop host has, beside the core's contract and on the same port. A host names the powers that it has
 * (`desktopPowers`); a panel asks for the power, not for the host.
 */
import { z } from 'zod';
import { nothing, text } from './contract-common.ts';
import { call, feed } from './method.ts';

/** Characters of a text for the clipboard. */
const MAX_CLIPBOARD_CHARS = 4 << 20;

const paths = z.array(text).max(1000);

/** What the shell asks of the page. */
const deskRequest = z.discriminatedUnion('kind', [
  /** Files that were opened with the program, or chosen in its menu. */
  z.object({ kind: z.literal('import'), paths }),
  z.object({ kind: z.literal('sample') }),
  /** A screen or a command of the page's own, by its id. */
  z.object({ kind: z.literal('command'), id: z.string().max(64) }),
  /** A view as the page's address has it, without `?`: from a `backtrail://` link. */
  z.object({ kind: z.literal('view'), query: z.string().max(8192) }),
  /** A sentence for the person. */
  z.object({ kind: z.literal('say'), sentence: z.string().max(2000), trouble: z.boolean() }),
]);

export const desktopMethods = {
  /** The system's own dialog. Empty where the person chose nothing. */
  'desktop.chooseFiles': call(
    z.strictObject({ what: z.enum(['files', 'folder', 'store']) }),
    z.object({ paths }),
  ),
  /** Shows a file in the system's file manager. */
  'desktop.reveal': call(z.strictObject({ path: text }), nothing),
  'desktop.copyText': call(z.strictObject({ text: z.string().max(MAX_CLIPBOARD_CHARS) }), nothing),
  /** The window as it is seen now, as a PNG file. */
  'desktop.picture': call(nothing, z.object({ png: z.instanceof(Uint8Array<ArrayBufferLike>) })),
  /** Stores that were open before, the latest first. */
  'desktop.recentStores': call(nothing, z.object({ folders: paths })),
  'desktop.openStore': call(z.strictObject({ folder: text, create: z.boolean() }), nothing),
  'desktop.requests': feed(nothing, deskRequest),
};

export type DeskRequest = z.output<typeof deskRequest>;
export type DesktopPower = keyof typeof desktopMethods;

export const desktopPowers = Object.keys(desktopMethods) as DesktopPower[];

/** What the preload script tells the page: which powers its host has. */
export const powerList = z.array(z.enum(desktopPowers as [DesktopPower, ...DesktopPower[]])).max(64);

/** What passes beside the port between the three worlds of a desktop host. */
export const desktopNames = {
  /** The page's own origin. */
  origin: 'app://backtrail',
  /** Preload to main: a port is wanted. */
  connect: 'backtrail-connect',
  /** Main to preload, and preload to page: here it is. */
  port: 'backtrail-port',
  /** The argument that names the powers to the preload script. */
  powersArgument: '--backtrail-powers=',
} as const;
