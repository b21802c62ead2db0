/** Pictures of an app, named by their own digest: they never change. */
import { error } from '@sveltejs/kit';
import { errorText } from '$lib/i18n/error-text';
import { findImage } from '$lib/server/flows/apps/read-look';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals, params }) => {
	const image = await findImage(await locals.app(), params.id);
	if (!image) error(404, { message: errorText('edge/not-found', {}, locals.locale), code: 'edge/not-found' });
	return new Response(new Uint8Array(image.bytes), {
		headers: {
			'content-type': image.mime,
			'cache-control': 'public, max-age=31536000, immutable',
			// Opened directly it must be nothing but a picture.
			'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
			'x-content-type-options': 'nosniff',
		},
	});
};
