import { listUsers, updateUser } from '$lib/server/flows/users/manage-users';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { keyIn, pageSize } from '../../../../parts/query';
import type { Actions, PageServerLoad } from './$types';

const statuses = ['active', 'disabled', 'pending'] as const;

export const load = operatorLoad(async ({ app, url }) => {
	const search = (url.searchParams.get('search') ?? '').slice(0, 254);
	const status = statuses.find((one) => one === url.searchParams.get('status'));
	const { users, next } = await listUsers(await app(), {
		search,
		status,
		before: keyIn(url),
		limit: pageSize,
	});
	return { users, next, search, status: status ?? '' };
}) satisfies PageServerLoad;

const setStatus = (status: 'active' | 'disabled') =>
	operatorAction(async ({ app: openApp, form, actor, visitor }) => {
		const app = await openApp();
		const ids = form.text('ids').split(',').filter(Boolean).slice(0, pageSize);
		for (const id of ids) await updateUser(app, { id, change: { status }, actor }, visitor);
		return { changed: ids.length };
	});

export const actions = { disable: setStatus('disabled'), enable: setStatus('active') } satisfies Actions;
