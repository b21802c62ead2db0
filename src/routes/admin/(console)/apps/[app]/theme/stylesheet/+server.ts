/**
 * The stylesheet of a theme that is not saved yet, for the preview. A draft that is not valid yet is answered with
 * 204.
 */
import { draftStylesheet } from '$lib/server/flows/apps/draft-theme';
import { operatorEndpoint } from '$lib/server/edge/console-door';

export const POST = operatorEndpoint(async ({ request }) => {
	const css = draftStylesheet(await request.json().catch(() => undefined));
	if (css === undefined) return new Response(null, { status: 204 });
	return new Response(css, { headers: { 'content-type': 'text/css; charset=utf-8' } });
});
