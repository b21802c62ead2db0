import { listOperators, removeOperator, resetOperatorPassword } from '$lib/server/flows/operators/operators';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator }) => ({
	operators: (await listOperators(services)).map((one) => ({ ...one, self: one.id === operator.id })),
	owner: operator.role === 'owner',
})) satisfies PageServerLoad;

/** Owners only; the flows check this. */
export const actions = {
	remove: operatorAction(async ({ services, form, actor, visitor }) =>
		removeOperator(services, { id: form.text('id'), actor }, visitor),
	),
	password: operatorAction(async ({ services, form, actor, visitor }) =>
		resetOperatorPassword(
			services,
			{ email: form.text('email'), newPassword: form.text('newPassword'), actor },
			visitor,
		),
	),
} satisfies Actions;
