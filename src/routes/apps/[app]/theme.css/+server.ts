/** An app's theme. Its address carries a hash, so a copy is good for ever; other hashes get the theme of today, briefly. */
import { themeHash, themeStylesheet } from '$lib/server/domain/theme';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals, url }) => {
	const app = await locals.app();
	const { theme } = await app.settings();
	const isAsked = url.searchParams.get('v') === themeHash(theme);
	return new Response(themeStylesheet(theme), {
		headers: {
			'content-type': 'text/css; charset=utf-8',
			'cache-control': isAsked ? 'public, max-age=31536000, immutable' : 'no-cache',
		},
	});
};
