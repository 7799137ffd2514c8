/** Names of firewall events (Cisco NSEL, element 233) and NAT events (IANA element 230), as nfdump words them. */

const firewallEvents = ['IGNORE', 'CREATE', 'DELETE', 'DENIED', 'ALERT', 'UPDATE'];

const natEvents = [
  'Reserved',
  'NAT translation create',
  'NAT translation delete',
  'NAT Addresses exhausted',
  'NAT44 session create',
  'NAT44 session delete',
  'NAT64 session create',
  'NAT64 session delete',
  'NAT44 BIB create',
  'NAT44 BIB delete',
  'NAT64 BIB create',
  'NAT64 BIB delete',
  'NAT ports exhausted',
  'Quota Exceeded',
  'Address binding create',
  'Address binding delete',
  'Port block allocation',
  'Port block de-allocation',
  'Threshold Reached',
];

export const firewallEventName = (event: number): string => firewallEvents[event] ?? 'UNKNOWN';

export const natEventName = (event: number): string => natEvents[event] ?? 'UNKNOWN';
