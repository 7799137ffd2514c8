/** Exports a case, and says when the first of its files is there: whoever reads that ends this process. */
import { exportCase } from '../../core/app/case/export.ts';

const [store = '', id = '', path = ''] = process.argv.slice(2);
await exportCase(store, id, path, {
  force: false,
  onPhase(phase) {
    if (phase !== 'packing') return;
    process.stdout.write('packing\n');
    // Time enough to be killed in the middle of it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  },
});
