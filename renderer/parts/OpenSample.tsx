/** The sample case in one click. */
import { Button } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { useState } from 'react';
import { openSample } from '../link/stores.ts';
import { showError } from './notify.ts';

export function OpenSample() {
  const [opening, setOpening] = useState(false);
  const open = async () => {
    setOpening(true);
    try {
      await openSample();
    } catch (cause) {
      showError(cause);
    } finally {
      setOpening(false);
    }
  };
  return (
    <Button
      loading={opening}
      leftSection={<IconSparkles size={15} aria-hidden />}
      onClick={() => void open()}
    >
      Open the sample
    </Button>
  );
}
