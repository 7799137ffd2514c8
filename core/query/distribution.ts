/**
 * The classic router's summary of its flow cache (`show ip cache flow`): a table of protocols and well-known services, and how
 * packets, durations and sizes are distributed.
 *
 * A flow counts for the service of its destination port, or else of its source port. Its packets count in the packet-size
 * distribution under their mean size, for no flow record tells them one by one. Rates are over the time looked at.
 */
import type { DistributionAnswer, FlowSelection } from '../model/query.ts';
import { serviceNames, serviceRow } from './distribution-services.ts';
import type { Accumulator, Bare, Conclusion, Kernel, KernelHelp, SelectedRows } from './kernel.ts';

/** Upper bounds; what is larger goes to a last bucket without one. The packet sizes are the router's. */
const PACKET_SIZES = [
  32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512, 544, 576, 1024, 1536, 2048,
  2560, 3072, 3584, 4096, 4608,
];
const DURATIONS_MS = [0, 100, 1000, 5000, 15_000, 60_000, 300_000, 1_800_000];
const FLOW_PACKETS = [1, 2, 3, 5, 10, 20, 50, 100, 500, 1000, 10_000, 100_000];

/** Sums of a row of the table. */
const FLOWS = 0;
const PACKETS = 1;
const BYTES = 2;
const ACTIVE_MS = 3;
const STRIDE = 4;

export interface DistributionPartial {
  readonly services: Float64Array;
  readonly packetSizes: Float64Array;
  readonly durations: Float64Array;
  readonly flowSizes: Float64Array;
}

export const distributionKernel: Kernel<FlowSelection, DistributionPartial, Bare<DistributionAnswer>> = {
  kinds: ['flow'],
  begin: () => new DistributionAccumulator(),
  conclude,
};

const emptyPartial = (): DistributionPartial => ({
  services: new Float64Array(serviceNames.length * STRIDE),
  packetSizes: new Float64Array(PACKET_SIZES.length + 1),
  durations: new Float64Array(DURATIONS_MS.length + 1),
  flowSizes: new Float64Array(FLOW_PACKETS.length + 1),
});

class DistributionAccumulator implements Accumulator<DistributionPartial> {
  readonly #sums = emptyPartial();

  add({ batch, rows, scale }: SelectedRows): void {
    const { protocolIdentifier, sourceTransportPort, destinationTransportPort } = batch.columns;
    const { packetDeltaCount, octetDeltaCount, flowStartMilliseconds, flowEndMilliseconds } = batch.columns;
    const { services, packetSizes, durations, flowSizes } = this.#sums;
    const count = rows?.length ?? batch.count;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      const factor = scale ? (scale[row] ?? 1) : 1;
      const packets = (packetDeltaCount[row] ?? 0) * factor;
      const bytes = (octetDeltaCount[row] ?? 0) * factor;
      const duration = Math.abs((flowEndMilliseconds[row] ?? 0) - (flowStartMilliseconds[row] ?? 0));
      const at =
        STRIDE *
        serviceRow(
          protocolIdentifier[row] ?? 0,
          sourceTransportPort[row] ?? 0,
          destinationTransportPort[row] ?? 0,
        );
      increase(services, at + FLOWS, 1);
      increase(services, at + PACKETS, packets);
      increase(services, at + BYTES, bytes);
      if (packets > 0) {
        increase(packetSizes, bucketOf(PACKET_SIZES, bytes / packets), packets);
        increase(flowSizes, bucketOf(FLOW_PACKETS, packets), 1);
      }
      if (Number.isNaN(duration)) continue;
      increase(services, at + ACTIVE_MS, duration);
      increase(durations, bucketOf(DURATIONS_MS, duration), 1);
    }
  }

  finish(): DistributionPartial {
    return this.#sums;
  }
}

function increase(sums: Float64Array, at: number, by: number): void {
  sums[at] = (sums[at] ?? 0) + by;
}

/** The first bucket whose bound is not below the value. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0;
  for (let high = bounds.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function conclude(
  _question: FlowSelection,
  partials: readonly DistributionPartial[],
  { range }: KernelHelp,
): Conclusion<Bare<DistributionAnswer>, never> {
  const sums = emptyPartial();
  for (const partial of partials) {
    for (const name of ['services', 'packetSizes', 'durations', 'flowSizes'] as const) {
      for (const [i, value] of partial[name].entries()) increase(sums[name], i, value);
    }
  }
  const seconds = range ? (range.end - range.start) / 1000 : 0;
  const total = { flows: 0, packets: 0, bytes: 0 };
  const protocols = serviceNames.flatMap((name, row) => {
    const [flows = 0, packets = 0, bytes = 0, active = 0] = sums.services.subarray(row * STRIDE);
    if (flows === 0) return [];
    total.flows += flows;
    total.packets += packets;
    total.bytes += bytes;
    return {
      name,
      flows,
      packets,
      bytes,
      flowsPerSecond: seconds > 0 ? flows / seconds : 0,
      packetsPerFlow: packets / flows,
      bytesPerPacket: packets > 0 ? bytes / packets : 0,
      packetsPerSecond: seconds > 0 ? packets / seconds : 0,
      activeSecondsPerFlow: active / 1000 / flows,
    };
  });
  const bound = (bounds: readonly number[], i: number): number | null => bounds[i] ?? null;
  return {
    answer: {
      total,
      protocols,
      packetSizes: Array.from(sums.packetSizes, (packets, i) => ({ upTo: bound(PACKET_SIZES, i), packets })),
      durations: Array.from(sums.durations, (flows, i) => ({ upToMs: bound(DURATIONS_MS, i), flows })),
      flowSizes: Array.from(sums.flowSizes, (flows, i) => ({ upToPackets: bound(FLOW_PACKETS, i), flows })),
    },
  };
}
