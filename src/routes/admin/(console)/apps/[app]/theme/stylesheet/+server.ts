/** The stylesheet of a theme that is not saved yet, for the preview: the very one that would be served. */
import { themeSchema } from '$lib/contract/app-settings';
import { themeStylesheet } from '$lib/server/domain/theme';
import { operatorEndpoint } from '$lib/server/edge/console-door';

/** A colour half typed is no mistake yet: the preview keeps what it has. */
const notYet = () => new Response(null, { status: 204 });

export const POST = operatorEndpoint(async ({ request }) => {
	const theme = themeSchema.safeParse(await request.json().catch(() => undefined));
	if (!theme.success) return notYet();
	return new Response(themeStylesheet(theme.data), { headers: { 'content-type': 'text/css; charset=utf-8' } });
});
