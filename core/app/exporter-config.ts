/** The lines that make a device export to a collector: texts of resources/exporters with the target put in. */
import { parseAddress } from '../model/address.ts';
import { ApiError } from '../model/api-error.ts';
import { resourceText } from './resources.ts';

/** Devices that there are lines for. */
export const exporterDevices = [
  'cisco',
  'cisco-fnf',
  'juniper',
  'mikrotik',
  'softflowd',
  'nfprobe',
  'ovs',
] as const;

export type ExporterDevice = (typeof exporterDevices)[number];

/** Devices whose way of export cannot send to an IPv6 address. */
const ipv4Only: ReadonlySet<ExporterDevice> = new Set(['cisco', 'juniper']);

/**
 * Configuration for the device, ending with a newline. `target` is HOST:PORT as people write it, an IPv6 address in
 * brackets. Throws ApiError `usage`.
 */
export function exporterConfig(device: ExporterDevice, target: string): string {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9][a-z0-9.-]*)):(\d{1,5})$/i.exec(target.trim());
  const [, six, name = '', portText = ''] = parts ?? [];
  const port = Number(portText);
  if (!parts || port < 1 || port > 65_535 || (six !== undefined && !isAddress(six)) || looksBroken(name)) {
    const sentence = `"${target}" is no target: write HOST:PORT, the address and port where backtrail collect listens, IPv6 addresses in brackets.`;
    throw new ApiError('usage', sentence);
  }
  if (six !== undefined && ipv4Only.has(device)) {
    throw new ApiError(
      'usage',
      `These lines for ${device} export to IPv4 only: give the collector's IPv4 address.`,
    );
  }
  const text = resourceText(`exporters/${device}.txt`);
  return text
    .replaceAll('{TARGET}', `${six === undefined ? name : `[${six}]`}:${port}`)
    .replaceAll('{HOST}', six ?? name)
    .replaceAll('{PORT}', String(port));
}

const isAddress = (text: string): boolean => parseAddress(text) !== undefined;

/** Four numbers that are no address. */
const looksBroken = (name: string): boolean => /^[\d.]+$/.test(name) && !isAddress(name);
