/** A live collector: where it listens, and the lines that make a device send to it. */
import {
  ActionIcon,
  Button,
  Code,
  CopyButton,
  FileInput,
  NumberInput,
  Select,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconCheck, IconCopy, IconPlayerStop, IconRadar2 } from '@tabler/icons-react';
import { useState } from 'react';
import { core } from '../../link/core.ts';
import { useCall } from '../../link/use-call.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { ErrorNote, Panel } from '../../parts/Panel.tsx';
import { formatShort } from '../../parts/format.ts';
import { showDone, showError } from '../../parts/notify.ts';
import { Tag } from '../../parts/Tag.tsx';
import css from './sources.module.css';

/** Names of the devices as their makers write them. */
const deviceNames: Readonly<Record<string, string>> = {
  cisco: 'Cisco IOS (NetFlow v9)',
  'cisco-fnf': 'Cisco IOS XE (Flexible NetFlow)',
  juniper: 'Juniper Junos',
  mikrotik: 'MikroTik RouterOS',
  softflowd: 'softflowd',
  nfprobe: 'pmacct nfprobe',
  ovs: 'Open vSwitch',
};

type Scheme = 'udp' | 'tcp' | 'tls';

const schemes: readonly { readonly value: Scheme; readonly label: string }[] = [
  { value: 'udp', label: 'UDP' },
  { value: 'tcp', label: 'TCP' },
  { value: 'tls', label: 'TLS' },
];

const PEM = '.pem,.crt,.cer,.key,application/x-pem-file';

export function Collector() {
  const collector = useWorkspace((workspace) => workspace.status?.collector ?? null);
  const [address, setAddress] = useState('127.0.0.1');
  const [port, setPort] = useState(2055);
  const [scheme, setScheme] = useState<Scheme>('udp');
  const [certificate, setCertificate] = useState<File | null>(null);
  const [key, setKey] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const host = address.includes(':') ? `[${address}]` : address;

  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (cause) {
      showError(cause);
    } finally {
      setBusy(false);
    }
  };
  const start = () =>
    run(async () => {
      const { urls, warnings } = await core.call('collect.start', {
        listen: [`${scheme}://${host}:${port}`],
        ...(scheme === 'tls' && certificate && key
          ? { tls: { cert: await certificate.text(), key: await key.text() } }
          : {}),
      });
      showDone(`Collecting on ${urls.join(', ')}.`);
      for (const warning of warnings) showError(new Error(warning));
    });
  const stop = () =>
    run(async () => {
      const { storedFlows } = await core.call('collect.stop', {});
      showDone(`The collector has ended; ${formatShort(storedFlows)} flows are stored.`);
    });

  return (
    <div className={css['block']}>
      <Panel
        title="Live collector"
        tools={
          collector && (
            <Tag tone={collector.problem === null ? 'good' : 'bad'}>
              {formatShort(Math.round(collector.flowsPerSecond))} flows/s from {collector.exporters}{' '}
              {collector.exporters === 1 ? 'exporter' : 'exporters'}
            </Tag>
          )
        }
      >
        {collector ? (
          <div className={css['listening']}>
            <span>
              Listening on <span className="mono">{collector.urls.join(', ')}</span>
            </span>
            <Button
              variant="default"
              loading={busy}
              leftSection={<IconPlayerStop size={15} aria-hidden />}
              onClick={() => void stop()}
            >
              Stop
            </Button>
          </div>
        ) : (
          <form
            className={css['listen']}
            onSubmit={(event) => {
              event.preventDefault();
              void start();
            }}
          >
            <TextInput
              label="Address of this machine"
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value.trim())}
              classNames={{ input: 'mono' }}
            />
            <Select
              label="Over"
              w={76}
              data={schemes}
              value={scheme}
              onChange={(value) => setScheme(schemes.find((one) => one.value === value)?.value ?? 'udp')}
              allowDeselect={false}
            />
            <NumberInput
              label={scheme === 'udp' ? 'UDP port' : 'TCP port'}
              w={70}
              min={1}
              max={65_535}
              hideControls
              value={port}
              onChange={(value) => setPort(Number(value))}
              classNames={{ input: 'mono' }}
            />
            {scheme === 'tls' && (
              <>
                <FileInput
                  className={css['listenFile'] ?? ''}
                  label="Certificate"
                  placeholder="PEM file"
                  accept={PEM}
                  value={certificate}
                  onChange={setCertificate}
                />
                <FileInput
                  className={css['listenFile'] ?? ''}
                  label="Its key"
                  placeholder="PEM file"
                  accept={PEM}
                  value={key}
                  onChange={setKey}
                />
              </>
            )}
            <Button
              type="submit"
              variant="default"
              loading={busy}
              disabled={scheme === 'tls' && !(certificate && key)}
              leftSection={<IconRadar2 size={15} aria-hidden />}
            >
              Start
            </Button>
          </form>
        )}
        {scheme !== 'udp' && !collector && (
          <p className={css['hint']}>
            IPFIX alone comes over TCP and TLS (RFC 7011). The lines below are for UDP.
          </p>
        )}
        <DeviceLines target={`${host}:${port}`} loopback={/^(127\.|\[?::1|localhost)/.test(host)} />
      </Panel>
    </div>
  );
}

function DeviceLines({ target, loopback }: { readonly target: string; readonly loopback: boolean }) {
  const [device, setDevice] = useState('cisco');
  const devices = useCall('collect.devices', {});
  const lines = useCall('collect.exporterConfig', { device, target });
  const text = lines.data?.text ?? '';
  return (
    <>
      <Select
        mt="sm"
        label="Lines for the device that exports"
        data={(devices.data?.devices ?? ['cisco']).map((name) => ({
          value: name,
          label: deviceNames[name] ?? name,
        }))}
        value={device}
        onChange={(value) => value !== null && setDevice(value)}
        allowDeselect={false}
      />
      {loopback && (
        <p className={css['hint']}>
          Only this machine can send to {target}. For other devices listen on an address that they reach.
        </p>
      )}
      {lines.error ? (
        <ErrorNote error={lines.error} />
      ) : (
        <div className={css['lines']}>
          <Code block className={css['code']} tabIndex={0} aria-label="Lines to paste">
            {text}
          </Code>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? 'Copied' : 'Copy the lines'}>
                <ActionIcon
                  className={css['copy']}
                  variant="default"
                  aria-label="Copy the lines"
                  onClick={copy}
                >
                  {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </div>
      )}
    </>
  );
}
