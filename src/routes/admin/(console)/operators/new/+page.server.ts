import { redirect } from '@sveltejs/kit';
import { addOperator, requireOwner } from '$lib/server/flows/operators/operators';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

/** An operator who may not add operators gets a refusal, not a form that would be refused. */
export const load = operatorLoad(async ({ actor }) => requireOwner(actor)) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ services, form, actor, visitor }) => {
		const input = {
			email: form.text('email'),
			name: form.text('name').slice(0, 80),
			password: form.text('password'),
			role: form.text('role') === 'owner' ? ('owner' as const) : ('operator' as const),
		};
		await addOperator(services, { input, actor }, visitor);
		redirect(303, '/admin/operators');
	}),
} satisfies Actions;
