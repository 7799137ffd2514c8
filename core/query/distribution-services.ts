/** The rows of the router's protocol table: protocols, and of TCP and UDP the services that a port stands for. */
import { TCP, UDP } from './endpoints.ts';

/** Services by their port, under the router's names and those that came later. */
const tcpServices: readonly (readonly [name: string, ...ports: readonly number[]])[] = [
  ['TCP-FTPD', 20],
  ['TCP-FTP', 21],
  ['TCP-SSH', 22],
  ['TCP-Telnet', 23],
  ['TCP-SMTP', 25, 465, 587],
  ['TCP-DNS', 53, 853],
  ['TCP-WWW', 80, 8080],
  ['TCP-Kerberos', 88],
  ['TCP-POP', 110, 995],
  ['TCP-NNTP', 119, 563],
  ['TCP-RPC', 111, 135],
  ['TCP-NetBIOS', 139],
  ['TCP-IMAP', 143, 993],
  ['TCP-BGP', 179],
  ['TCP-LDAP', 389, 636],
  ['TCP-HTTPS', 443, 8443],
  ['TCP-SMB', 445],
  ['TCP-SQL', 1433, 1521, 3306, 5432],
  ['TCP-RDP', 3389],
  ['TCP-SIP', 5060, 5061],
  ['TCP-VNC', 5900],
  ['TCP-X', 6000, 6001, 6002, 6003],
];

const udpServices: typeof tcpServices = [
  ['UDP-DNS', 53],
  ['UDP-DHCP', 67, 68],
  ['UDP-TFTP', 69],
  ['UDP-NTP', 123],
  ['UDP-NetBIOS', 137, 138],
  ['UDP-SNMP', 161, 162],
  ['UDP-QUIC', 443],
  ['UDP-IKE', 500, 4500],
  ['UDP-Syslog', 514],
  ['UDP-SSDP', 1900],
  ['UDP-NetFlow', 2055, 4739, 6343, 9995, 9996],
  ['UDP-SIP', 5060],
  ['UDP-mDNS', 5353],
];

const protocolNames: readonly (readonly [name: string, protocol: number])[] = [
  ['ICMP', 1],
  ['IGMP', 2],
  ['IPINIP', 4],
  ['IPv6INIP', 41],
  ['GRE', 47],
  ['ESP', 50],
  ['AH', 51],
  ['ICMPv6', 58],
  ['OSPF', 89],
  ['PIM', 103],
  ['SCTP', 132],
];

const names: string[] = [];
const byPort: Readonly<Record<typeof TCP | typeof UDP, Uint8Array>> = {
  [TCP]: servicePorts(tcpServices, 'TCP-other'),
  [UDP]: servicePorts(udpServices, 'UDP-other'),
};
const byProtocol = new Uint8Array(256).fill(protocolNames.length + names.length);
for (const [name, protocol] of protocolNames) byProtocol[protocol] = names.push(name) - 1;
names.push('IP-other');

/** Names of the rows, in the table's order. */
export const serviceNames: readonly string[] = names;

/** By port the number of its row; ports without a service have the row after them. */
function servicePorts(services: typeof tcpServices, other: string): Uint8Array {
  const rows = new Uint8Array(65_536).fill(names.length + services.length);
  for (const [name, ...ports] of services) {
    const row = names.push(name) - 1;
    for (const port of ports) rows[port] = row;
  }
  names.push(other);
  return rows;
}

/** The row of a flow: what its destination port stands for, or else its source port. */
export function serviceRow(protocol: number, source: number, destination: number): number {
  if (protocol !== TCP && protocol !== UDP) return byProtocol[protocol] ?? 0;
  const rows = byPort[protocol];
  const other = rows[0] ?? 0;
  const row = rows[destination] ?? other;
  return row === other ? (rows[source] ?? other) : row;
}
