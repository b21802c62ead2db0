import { editApp } from '$lib/server/flows/apps/edit-app';
import type { AppSettingsInput } from '$lib/server/flows/apps/manage-apps';
import { readOpenings } from '$lib/server/flows/apps/read-openings';
import { listRoles } from '$lib/server/flows/roles/list-roles';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { TypedForm } from '$lib/server/edge/typed-form';
import { listConnectors } from '../../../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp, locale }) => {
	const app = await openApp();
	const [settings, openings, roles, connectors] = await Promise.all([
		app.settings(),
		readOpenings(app),
		listRoles(app),
		listConnectors(app.plugins, locale),
	]);
	const { registration, systemAccounts, requireVerified, signInIdentifiers, externalSignUp } = settings;
	const { firstMethod, defaultRole, signUpPoints, welcomeEmail, passwordMinLength } = settings;
	return {
		settings: {
			...{ registration, systemAccounts, requireVerified, signInIdentifiers, externalSignUp },
			...{ firstMethod, defaultRole, signUpPoints, welcomeEmail, passwordMinLength },
		},
		openings,
		roles: roles.map(({ id, name }) => ({ id, name })),
		connectors: connectors.map(({ id, name, enabled, onPages }) => ({ id, name, enabled, onPages })),
	};
}) satisfies PageServerLoad;

/** What is chosen; the contract's schema and the flow validate it. */
const typedIn = (form: TypedForm) =>
	({
		registration: form.flag('registration') ? 'open' : 'closed',
		externalSignUp: form.text('externalSignUp'),
		requireVerified: form.list('requireVerified'),
		defaultRole: form.text('defaultRole'),
		signUpPoints: form.integer('signUpPoints') ?? 0,
		welcomeEmail: form.flag('welcomeEmail'),
		systemAccounts: form.flag('systemAccounts'),
		signInIdentifiers: form.list('signInIdentifiers'),
		passwordMinLength: form.integer('passwordMinLength') ?? NaN,
		firstMethod: Object.fromEntries(
			['wechat', 'dingtalk', 'mobile', 'desktop'].map((place) => [place, form.text(`firstMethod.${place}`)]),
		),
	}) as AppSettingsInput;

export const actions = {
	save: operatorAction(async ({ services, app, form, actor, visitor }) => {
		const { id } = await app();
		await editApp(services, { id, drawn: form.drawn(), typed: typedIn(form), actor }, visitor);
	}),
} satisfies Actions;
