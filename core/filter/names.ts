/** Names that stand for numbers in a filter: protocols, services, forwarding states, firewall and NAT events. */

type Names = ReadonlyMap<string, number>;

const names = (text: string): Names =>
  new Map(
    text
      .trim()
      .split(/\s+/)
      .map((entry) => {
        const [name = '', number] = entry.split('=');
        return [name, Number(number)] as const;
      }),
  );

/** IANA protocol numbers, by the keywords in use and nfdump's spellings. */
export const protocolNames = names(`
  icmp=1 igmp=2 ggp=3 ipip=4 st=5 tcp=6 cbt=7 egp=8 igp=9 nvp=11 pup=12 argus=13 emcon=14 xnet=15 chaos=16 udp=17 mux=18
  dcn=19 hmp=20 prm=21 xns-idp=22 rdp=27 irtp=28 iso-tp4=29 netblt=30 dccp=33 idpr=35 xtp=36 ddp=37 ipv6=41 sdrp=42
  idrp=45 rsvp=46 gre=47 dsr=48 bna=49 esp=50 ah=51 narp=54 mobile=55 tlsp=56 skip=57 icmp6=58 ipv6-icmp=58 icmpv6=58
  cftp=62 kryptolan=65 rvd=66 ippc=67 ipcv=71 cpnx=72 wsn=74 pvp=75 vmtp=81 vines=83 ttp=84 tcf=87 eigrp=88 ospf=89
  mtp=92 ax.25=93 micp=95 scc-sp=96 etherip=97 encap=98 gmtp=100 ifmp=101 pnni=102 pim=103 aris=104 scps=105 qnx=106
  ipcomp=108 snp=109 vrrp=112 pgm=113 l2tp=115 ddx=116 iatp=117 stp=118 srp=119 uti=120 smp=121 sm=122 ptp=123 crtp=126
  crudp=127 sps=130 pipe=131 sctp=132 fc=133 udplite=136 mpls-in-ip=137 manet=138 shim6=139 wesp=140 rohc=141`);

/** Well-known ports by their IANA service name (and the everyday one). */
export const serviceNames = names(`
  echo=7 discard=9 daytime=13 chargen=19 ftp-data=20 ftp=21 ssh=22 telnet=23 smtp=25 time=37 whois=43 tacacs=49
  domain=53 dns=53 bootps=67 dhcp=67 bootpc=68 tftp=69 gopher=70 finger=79 http=80 kerberos=88 pop3=110 sunrpc=111
  ident=113 nntp=119 ntp=123 epmap=135 netbios-ns=137 netbios-dgm=138 netbios-ssn=139 imap=143 snmp=161 snmptrap=162
  bgp=179 irc=194 ldap=389 https=443 microsoft-ds=445 smb=445 kpasswd=464 submissions=465 isakmp=500 exec=512 login=513
  shell=514 syslog=514 printer=515 rip=520 uucp=540 dhcpv6-client=546 dhcpv6-server=547 rtsp=554 submission=587 ipp=631
  ldaps=636 rsync=873 ftps=990 imaps=993 pop3s=995 socks=1080 openvpn=1194 ms-sql-s=1433 ms-sql-m=1434 oracle=1521
  l2tp=1701 h323=1720 pptp=1723 radius=1812 radius-acct=1813 ssdp=1900 nfs=2049 netflow=2055 docker=2375 mysql=3306
  rdp=3389 stun=3478 svn=3690 ipsec-nat-t=4500 ipfix=4739 sip=5060 sips=5061 xmpp-client=5222 mdns=5353 postgresql=5432
  amqp=5672 vnc=5900 winrm=5985 x11=6000 redis=6379 sflow=6343 ircu=6667 http-alt=8080 https-alt=8443 elasticsearch=9200
  memcached=11211 minecraft=25565 mongodb=27017 wireguard=51820`);

/** Forwarding status (element 89), as nfdump abbreviates the states. */
export const forwardingStates = names(`
  ukwn=0 forw=1 frag=2 drop=16 dacld=17 daclp=18 noroute=19 dadj=20 dfrag=21 dbadh=22 dbadtlen=23 dbadhlen=24 dbadttl=25
  dpolicy=26 dwred=27 drpf=28 dforus=29 dbadof=30 dhw=31 term=128 tadj=129 tincadj=130 tforus=131`);

/** Cisco NSEL firewall events (element 233). */
export const firewallEvents = names(`ignore=0 create=1 term=2 delete=2 deny=3 alert=4 update=5`);

/** Why the ASA denied (extended event 33002). */
export const denyReasons = names(`ingress=1001 egress=1002 interface=1003 nosyn=1004`);

/** NAT events (element 230) that nfdump names. */
export const natEvents = names(`invalid=0 add=1 create=1 delete=2`);

export const flowDirections = names(`ingress=0 egress=1`);

/** The bits of flags written as letters. */
export function flagBits(letters: string): number {
  let bits = 0;
  for (const [letter, bit] of flagLetters) if (letters.includes(letter)) bits |= bit;
  return bits;
}

/** Letters of the TCP flags; X is all of them. */
export const flagLetters: ReadonlyMap<string, number> = new Map([
  ['F', 1],
  ['S', 2],
  ['R', 4],
  ['P', 8],
  ['A', 16],
  ['U', 32],
  ['X', 63],
]);
