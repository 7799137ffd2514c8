import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import '@mantine/notifications/styles.css';
import './theme/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { followHistory } from './state/view.ts';
import { shareStyleNonce } from './theme/style-nonce.ts';

const root = document.querySelector('#root');
if (!root) throw new Error('the page has no place for the workstation');
shareStyleNonce();
followHistory();
createRoot(root).render(<App />);
