/**
 * An app's theme. Its address carries a hash, so it is cached for ever; other hashes get the present theme, cached
 * briefly.
 */
import { readThemeFile } from '$lib/server/flows/apps/read-look';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals, url }) => {
	const { css, hash } = await readThemeFile(await locals.app());
	const isAsked = url.searchParams.get('v') === hash;
	return new Response(css, {
		headers: {
			'content-type': 'text/css; charset=utf-8',
			'cache-control': isAsked ? 'public, max-age=31536000, immutable' : 'no-cache',
		},
	});
};
