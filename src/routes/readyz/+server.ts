import type { RequestHandler } from './$types';

/** Readiness: the database answers, so requests will be served. */
export const GET: RequestHandler = async ({ locals }) => {
	const ready = await locals.appliance.storage.isReady().catch(() => false);
	return new Response(ready ? 'ready\n' : 'the database does not answer\n', {
		status: ready ? 200 : 503,
		headers: { 'content-type': 'text/plain; charset=utf-8' },
	});
};
