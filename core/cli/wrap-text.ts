/** Words and endpoints as a reader wants them. */
import { formatEndpoint } from '../model/address.ts';
import type { ConnectionView } from '../model/trace-result.ts';

const TEXT_WIDTH = 96;

/** Lines of at most 96 characters; the first begins with `first`, the others with `rest`. */
export function wrap(text: string, first = '', rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.length + word.length > TEXT_WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = rest;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** `192.0.2.1:22`, `[2001:db8::1]:22`, with the site in brackets where one is given. */
export function endpoint(address: string, port: number, site?: string): string {
  const text = formatEndpoint(address, port);
  return site === undefined ? text : `${text} (${site})`;
}

/** Both ends of a connection, the opener first. */
export const connectionText = (view: ConnectionView): string =>
  `${endpoint(view.source, view.sourcePort, view.sourceSite)} -> ${endpoint(view.destination, view.destinationPort, view.destinationSite)}`;
