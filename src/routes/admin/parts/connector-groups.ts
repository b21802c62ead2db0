/** The group of a plugin in the console's lists. */
import type { Manifest } from '$lib/plugin-kit';

export const groups = ['own', 'china', 'world', 'senders', 'added'] as const;
export type Group = (typeof groups)[number];

/** Vendors whose consoles are in China. */
const chinese = new Set([
	'wechat-web',
	'wechat-miniprogram',
	'wechat-app',
	'dingtalk',
	'alipay',
	'qq',
	'weibo',
]);

interface Placed {
	id: string;
	manifest: Pick<Manifest, 'identifier' | 'kinds'>;
	/** An operator's own plugin. */
	external: boolean;
}

/** Accounts of the app's own need no third party: passwords, codes, passkeys, guests. */
function isOwn({ id, manifest }: Placed): boolean {
	const { identifier, kinds } = manifest;
	return (
		id === 'guest' || kinds.includes('ceremony') || (identifier !== undefined && identifier !== 'external')
	);
}

export function groupOf(plugin: Placed): Group {
	if (plugin.external) return 'added';
	if (plugin.manifest.kinds.every((kind) => kind === 'sender')) return 'senders';
	if (isOwn(plugin)) return 'own';
	return chinese.has(plugin.id) ? 'china' : 'world';
}

/** In either language, so that the operator need not know which name of a vendor is shown here. */
export function matches({ id, names }: { id: string; names: string }, search: string): boolean {
	const wanted = search.normalize('NFKC').trim().toLowerCase();
	return `${names} ${id}`.normalize('NFKC').toLowerCase().includes(wanted);
}
