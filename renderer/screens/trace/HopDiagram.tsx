/** A path as a row of machines. Form tells what colour tells: round is a machine, a diamond a translation, dashes are inferred. */
import { UnstyledButton } from '@mantine/core';
import { IconQuestionMark } from '@tabler/icons-react';
import type { Hop, TracedPath } from '../../../core/model/trace-result.ts';
import { changeExtra } from '../../state/view.ts';
import { pathNodes, type PathLink, type PathNode } from './path-nodes.ts';
import { eText, evidenceText, keyOf, lagText, natsText } from './trace-words.ts';
import css from './trace.module.css';

const roles: Readonly<Record<PathNode['kind'], string>> = {
  origin: 'earliest observed',
  stone: 'stepping stone',
  nat: 'NAT',
  victim: 'victim',
};

const linkWords: Readonly<Record<PathLink['kind'], readonly [string, string]>> = {
  login: ['login', 'observed'],
  target: ['login', 'investigated'],
  twin: ['same packets', 'NAT twin'],
  inferred: ['inferred', 'no exporter saw it'],
};

export function HopDiagram({ path }: { readonly path: TracedPath }) {
  return (
    <ol className={css['path']} aria-label="Path, attacker’s side first" tabIndex={0}>
      {pathNodes(path).map((node, i) => (
        <li key={i} className={css['node']} data-kind={node.kind}>
          <span className={css['role']}>{roles[node.kind]}</span>
          <span className={css['mark']} aria-hidden>
            <Mark kind={node.kind} />
          </span>
          {node.link && <Link link={node.link} />}
          <span className={css['nodeAddress']}>{node.address}</span>
          <span className={css['nodeSite']}>{node.site ?? 'public address'}</span>
          {node.carried?.evidence && <Evidence hop={node.carried} />}
        </li>
      ))}
    </ol>
  );
}

function Mark({ kind }: { readonly kind: PathNode['kind'] }) {
  return (
    <svg width={26} height={26} viewBox="-13 -13 26 26">
      {kind === 'nat' ? (
        <path d="M0 -10L10 0L0 10L-10 0z" />
      ) : (
        <circle r={kind === 'victim' || kind === 'origin' ? 11 : 10} />
      )}
      {kind === 'victim' && <circle r={5} className={css['bull']} />}
      {kind === 'origin' && <path d="M-5 0H5M0 -5V5" className={css['cross']} />}
    </svg>
  );
}

function Link({ link }: { readonly link: PathLink }) {
  const [above, below] = linkWords[link.kind];
  return (
    <span className={css['link']} data-kind={link.kind}>
      <span className={css['linkAbove']}>{above}</span>
      <span className={css['linkLine']} aria-hidden />
      <span className={css['linkBelow']}>{below}</span>
    </span>
  );
}

/** Why the login that came in is believed to have carried the one that went out. */
function Evidence({ hop }: { readonly hop: Hop }) {
  const { evidence, connections } = hop;
  const view = connections[0];
  if (!evidence || !view) return null;
  return (
    <UnstyledButton
      className={css['evidence']}
      title={`${evidenceText(hop)}. Opens why.`}
      aria-label={`Why this hop: ${evidenceText(hop)}`}
      onClick={() => changeExtra({ pair: keyOf(view), why: '1' })}
    >
      {natsText(evidence.scoreNats)} nats · E {eText(evidence.eValue)}
      <br />
      <span className="dim">lag {lagText(evidence.lagMs)} s</span>{' '}
      <IconQuestionMark size={11} aria-hidden className={css['whyMark']} />
    </UnstyledButton>
  );
}
