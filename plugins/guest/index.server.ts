/**
 * What OAuthApp calls Web ID: a browser is recognised by its fingerprint. It proves nothing (README.md),
 * so no authentication method is claimed, and the fingerprint itself is not kept.
 */
import { createHash } from 'node:crypto';
import { definePlugin, PluginFailure } from '@menshen/plugin-kit';
import manifest from './manifest.json';

/** 128 bits as fingerprint libraries give them. */
const shape = /^[0-9a-f]{32}$/;
/** The name of guests, for people and apps, until they become users. */
const names = { en: 'Guest', 'zh-CN': '访客' } as const;
/** The fingerprint that a broken library gives to all browsers: one character, over and over. */
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
