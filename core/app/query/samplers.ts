/** What a store's options records say of samplers, for flows that came before their exporter had said it. */
import { SamplerTable } from '../../decode/sampling.ts';
import { exporterKey } from '../../model/flow-batch.ts';
import type { SamplerIntervals } from '../../query/sampling-scale.ts';
import type { Store } from '../../store/store.ts';

/** The latest that each exporter said of each of its samplers; read when it is first asked for. */
export function samplerIntervals(store: Store): SamplerIntervals {
  let tables: ReadonlyMap<string, SamplerTable> | undefined;
  return (exporter, sampler) => (tables ??= readTables(store)).get(exporterKey(exporter))?.interval(sampler);
}

function readTables(store: Store): ReadonlyMap<string, SamplerTable> {
  const exporters = new Map(store.exporters().map((exporter) => [exporter.id, exporterKey(exporter)]));
  const tables = new Map<string, SamplerTable>();
  for (const { id } of store.sources()) {
    for (const { exporter, fields } of store.optionsOf(id)) {
      const key = exporter === null ? undefined : exporters.get(exporter);
      if (key === undefined) continue;
      let table = tables.get(key);
      if (!table) tables.set(key, (table = new SamplerTable()));
      table.learn(fields);
    }
  }
  return tables;
}
