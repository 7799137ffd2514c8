/** A short word about something that was asked for, in a corner of the window. */
import { notifications } from '@mantine/notifications';
import { errorSentence } from './errors.ts';

const closeButtonProps = { 'aria-label': 'Close' };

export function showError(error: unknown): void {
  notifications.show({ message: errorSentence(error), color: 'red', autoClose: 8000, closeButtonProps });
}

export function showDone(message: string): void {
  notifications.show({ message, color: 'green', autoClose: 3000, closeButtonProps });
}

/** What has to be known of it: it stays until it is closed. */
export function showNote(message: string): void {
  notifications.show({ message, color: 'amber', autoClose: false, closeButtonProps });
}
