/** For ⌘K: users of the app whose names begin with what was typed. */
import { json } from '@sveltejs/kit';
import { listUsers } from '$lib/server/flows/users/manage-users';
import { operatorEndpoint } from '$lib/server/edge/console-door';

const most = 6;

export const GET = operatorEndpoint(async ({ app, url }) => {
	const search = (url.searchParams.get('q') ?? '').slice(0, 254).trim();
	if (!search) return json([]);
	const { users } = await listUsers(await app(), { search, limit: most });
	return json(
		users.map(({ id, number, name, username, email, phone }) => ({
			id,
			text:
				[...new Set([name, username, email, phone].filter(Boolean))].slice(0, 2).join(' · ') ||
				String(number),
		})),
	);
});
