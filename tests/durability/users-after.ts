/** Who has an account after a process ended and another one began: asked as an operator would. */
import { owner, type RunningAppliance } from '../appliance';
import { callApi } from '../api';

/** @param most as many as can be there: a list that never ends is no list */
export async function usersAfter(
	{ origin }: RunningAppliance,
	most: number,
): Promise<{ appServed: boolean; users: Set<string> }> {
	const signedIn = await fetch(`${origin}/admin/sign-in`, {
		method: 'POST',
		redirect: 'manual',
		headers: {
			origin,
			accept: 'text/html',
			'content-type': 'application/x-www-form-urlencoded',
		},
		body: new URLSearchParams({ email: owner.email, password: owner.password }).toString(),
	});
	const cookie = signedIn.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');
	const users = new Set<string>();
	let before: number | undefined;
	do {
		const answer = await callApi({ origin, app: 4, headers: { cookie } }, 'admin.users.list', {
			limit: 100,
			before,
		});
		const page = answer.data as { users: { username: string | null }[]; next?: number } | undefined;
		if (!page) return { appServed: false, users };
		for (const user of page.users) users.add(user.username ?? '');
		before = page.next;
	} while (before !== undefined && users.size <= most);
	return { appServed: true, users };
}
