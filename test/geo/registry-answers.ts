/** Answers as registries give them, shortened; the names in them are made up. */

/** RFC 9083, section 5.4, as RIPE NCC writes it. */
export const ripeNetwork = {
  rdapConformance: ['rdap_level_0'],
  objectClassName: 'ip network',
  handle: '46.4.0.0 - 46.4.255.255',
  startAddress: '46.4.0.0',
  endAddress: '46.4.255.255',
  ipVersion: 'v4',
  name: 'DE-EXAMPLE-20101103',
  country: 'DE',
  entities: [
    {
      objectClassName: 'entity',
      handle: 'ORG-EX1-RIPE',
      roles: ['registrant'],
      vcardArray: [
        'vcard',
        [
          ['version', {}, 'text', '4.0'],
          ['fn', {}, 'text', 'Example Hosting GmbH'],
          ['kind', {}, 'text', 'org'],
        ],
      ],
      entities: [
        {
          roles: ['abuse'],
          vcardArray: [
            'vcard',
            [
              ['fn', {}, 'text', 'Example Abuse Team'],
              ['email', { type: 'abuse' }, 'text', 'abuse@example.net'],
            ],
          ],
        },
      ],
    },
  ],
  events: [
    { eventAction: 'registration', eventDate: '2010-11-03T10:05:24Z' },
    { eventAction: 'last changed', eventDate: '2022-09-09T08:37:17Z' },
  ],
};

/** RFC 9083, section 5.5, as ARIN writes it: the country is in the holder's card alone. */
export const arinSystem = {
  objectClassName: 'autnum',
  handle: 'AS64499',
  startAutnum: 3356,
  endAutnum: 3356,
  name: 'EXAMPLE-AS',
  entities: [
    {
      roles: ['registrant'],
      vcardArray: [
        'vcard',
        [
          ['fn', {}, 'text', 'Example Carrier, Inc.'],
          ['adr', { label: '1 Example Way' }, 'text', ['', '', '', 'Denver', 'CO', '80202', 'US']],
        ],
      ],
    },
  ],
};

export const ripeWhois = `% This is the RIPE Database query service.
%
% Information related to '46.4.0.0 - 46.4.255.255'

% Abuse contact for '46.4.0.0 - 46.4.255.255' is 'abuse@example.net'

inetnum:        46.4.0.0 - 46.4.255.255
netname:        DE-EXAMPLE-20101103
country:        DE
org:            ORG-EX1-RIPE
created:        2010-11-03T10:05:24Z
last-modified:  2022-09-09T08:37:17Z
source:         RIPE

organisation:   ORG-EX1-RIPE
org-name:       Example Hosting GmbH
country:        DE
source:         RIPE
`;

/** ARIN names the block it gave out first, and the smaller one within it last. */
export const arinWhois = `
NetRange:       8.0.0.0 - 8.127.255.255
NetName:        EXAMPLE-BIG
OrgName:        Example Carrier, Inc.
Country:        US

NetRange:       8.34.208.0 - 8.34.223.255
CIDR:           8.34.208.0/20
NetName:        EXAMPLE-SMALL
NetHandle:      NET-8-34-208-0-1
OrgName:        Example Cloud LLC
Country:        US
RegDate:        2012-10-24
Updated:        2012-10-25
OrgAbuseEmail:  abuse@cloud.example
`;

export const lacnicWhois = `
% Joint Whois - whois.lacnic.net

inetnum:     200.3.12.0/22
status:      allocated
aut-num:     AS28000
owner:       Example Registro
ownerid:     UY-EXAM-LACNIC
country:     UY
created:     20010615
changed:     20180101
`;
