/** The thread of one export: one message for each that asks for more. */
import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import { exportFlows } from '../export/flows.ts';
import type { ExportThreadData, FromExportThread } from './export.ts';

/** Small pieces are put together. */
const PIECE_BYTES = 256 * 1024;

const { folder, question } = workerData as ExportThreadData;
/** How often the reader has asked and was not answered yet. */
const demand = { asked: 0, wake: (): void => undefined };
parentPort?.on('message', () => {
  demand.asked++;
  demand.wake();
});
let pieces: Uint8Array[] = [];
let size = 0;

async function tell(message: FromExportThread): Promise<void> {
  while (demand.asked === 0) await new Promise<void>((resolve) => (demand.wake = resolve));
  demand.asked--;
  parentPort?.postMessage(message);
}

async function send(): Promise<void> {
  const bytes = Buffer.concat(pieces);
  pieces = [];
  size = 0;
  await tell({ kind: 'bytes', bytes });
}

try {
  const summary = await exportFlows(folder, question, {
    async write(bytes) {
      pieces.push(new Uint8Array(bytes));
      size += bytes.length;
      if (size >= PIECE_BYTES) await send();
    },
  });
  if (size > 0) await send();
  await tell({ kind: 'ended', summary });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  await tell({ kind: 'refused', code: error.code, message: error.message });
}
