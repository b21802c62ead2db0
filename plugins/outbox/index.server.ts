/**
 * The sender that sends nothing: it answers `held`, and the message stays, sealed, in the queue of the app
 * until it is used or expires. Only an owner reads it there.
 */
import { definePlugin } from '@menshen/plugin-kit';
import manifest from './manifest.json';

export default definePlugin({
	manifest,
	sender: { deliver: () => ({ status: 'held' }) },
});
