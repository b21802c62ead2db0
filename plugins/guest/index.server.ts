/**
 * What OAuthApp calls Web ID: a browser is known again by a fingerprint of itself. It proves nothing (README.md),
 * so no authentication method is claimed, and the fingerprint itself is not kept.
 */
import { createHash } from 'node:crypto';
import { definePlugin, PluginFailure } from '@menshen/plugin-kit';
import manifest from './manifest.json';

/** 128 bits as fingerprint libraries give them. */
const shape = /^[0-9a-f]{32}$/;
/** What guests are called, by people and apps, until they are somebody. */
const names = { en: 'Guest', 'zh-CN': '访客' } as const;
/** What a broken library gives to everybody: one sign, over and over. */
const constant = /^(.)\1*$/;

export default definePlugin({
	manifest,
	ticket: {
		redeem({ ticket }, { locale }) {
			const fingerprint = ticket.toLowerCase();
			if (!shape.test(fingerprint) || constant.test(fingerprint))
				throw new PluginFailure('refused', 'not a fingerprint of 32 hexadecimal digits');
			const subject = createHash('sha256').update(fingerprint).digest('hex');
			return { subject, scope: 'web', profile: { name: names[locale] } };
		},
	},
});
