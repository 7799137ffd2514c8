/** The check of an evidence bundle, asked for by a button or by a bundle that was dropped on the window. */
import { create } from 'zustand';

interface BundleCheckState {
  readonly asked: boolean;
  /** The bundle, where it is known already. */
  readonly file: File | undefined;
}

export const useBundleCheck = create<BundleCheckState>()(() => ({ asked: false, file: undefined }));

export function askForBundle(file?: File): void {
  useBundleCheck.setState({ asked: true, file });
}

export function endBundleCheck(): void {
  useBundleCheck.setState({ asked: false, file: undefined });
}
