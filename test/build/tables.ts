/** Tables of flows as tools print them. */
import { encodeUtf8 } from '../../core/model/text.ts';

export const lines = (...all: readonly string[]): Uint8Array =>
  encodeUtf8(all.map((one) => `${one}\n`).join(''));

export const nfdumpHeader =
  'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,al,ra,eng,exid,tr';

/** As nfdump 1.7.1 printed it. */
export const nfdumpLine =
  '2016-09-10 15:20:10,2016-09-10 15:22:30,140.227,10.1.0.232,10.4.0.251,443,51369,TCP,...AP.SF,0,0,15,1920,0,0,4,0,0,0,0,0,0,0,0.0.0.0,0.0.0.0,0,0,06:be:ef:be:ef:4f,00:00:00:00:00:00,44:d9:e7:be:ef:89,00:00:00:00:00:00,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,    0.000,    0.000,    0.000,127.0.0.10,0/0,1,2026-11-21 00:35:26.841';

export const nfdumpSummary = [
  'Summary',
  'flows,bytes,packets,avg_bps,avg_pps,avg_bpp',
  '1,1920,15,0,179,128',
];

export const binetflowHeader =
  'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,SrcPkts,Label';

export const binetflowLine =
  '2018/12/18 14:00:00.527012,0.699716,tcp,216.73.23.146,52798,   ->,147.32.81.58,445,S_RA,0,0,2,134,70,1,';

export const rwcutHeader =
  '            sIP|            dIP|sPort|dPort|pro|   packets|     bytes|   flags|                  sTime| duration|                  eTime|sen|';

export const rwcutLine =
  '    192.168.1.5|       10.0.0.2|51000|   22|  6|        12|      3456| FS PA  |2009/02/12T00:00:00.123|    1.500|2009/02/12T00:00:01.623| S0|';

export const zeekHead = [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  '#path\tconn',
  '#open\t2020-06-05-15-00-00',
  '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents',
  '#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]',
];

export const zeekLine =
  '1591367999.430166\tC5bLoe2Mvxqhawzqqd\t192.168.4.76\t46378\t31.3.245.133\t80\ttcp\thttp\t0.254115\t77\t295\tSF\t-\t-\t0\tShADadFf\t6\t397\t4\t511\t-';

export const zeekJsonLine =
  '{"ts":1591367999.430166,"uid":"C5bLoe2Mvxqhawzqqd","id.orig_h":"192.168.4.76","id.orig_p":46378,"id.resp_h":"31.3.245.133","id.resp_p":80,"proto":"tcp","service":"http","duration":0.254115,"orig_bytes":77,"resp_bytes":295,"conn_state":"SF","missed_bytes":0,"history":"ShADadFf","orig_pkts":6,"orig_ip_bytes":397,"resp_pkts":4,"resp_ip_bytes":511}';
