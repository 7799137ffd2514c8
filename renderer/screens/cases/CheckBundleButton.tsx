/** Opens the check of a bundle. */
import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { askForBundle } from '../../state/bundle-check.ts';

export function CheckBundleButton({ fullWidth = false }: { readonly fullWidth?: boolean }) {
  return (
    <Button
      fullWidth={fullWidth}
      variant="default"
      leftSection={<IconShieldCheck size={15} aria-hidden />}
      onClick={() => askForBundle()}
    >
      Check a bundle
    </Button>
  );
}
