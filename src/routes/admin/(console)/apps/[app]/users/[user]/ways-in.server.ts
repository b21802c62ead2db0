/** Lists a user's ways in for an operator, and removes them. Server side. */
import type { Locale } from '$lib/i18n/locale';
import { operatorAction, type ConsoleCall } from '$lib/server/edge/console-door';
import type { TypedForm } from '$lib/server/edge/typed-form';
import { undoMerge } from '$lib/server/flows/external/merge-users';
import type { AppServices } from '$lib/server/flows/services';
import { readWaysIn, removePasskeyForUser, unlinkForUser } from '$lib/server/flows/users/user-ways-in';

/** With the connectors' own names and icons. A removed connector is shown by its id. */
export async function waysInOf(app: AppServices, userId: string, locale: Locale) {
	const [ways, plugins] = await Promise.all([readWaysIn(app, userId), app.plugins.list(locale)]);
	const known = new Map(plugins.map(({ id, name, icon }) => [id, { name, icon }]));
	const identities = ways.identities.map(({ connector, ...identity }) => ({
		...identity,
		vendor: known.get(connector) ?? { name: connector, icon: '' },
	}));
	return { ...ways, identities };
}

/** The dialog has warned the operator if it is the last one. */
const removalIn = ({ form, actor }: ConsoleCall & { form: TypedForm }) => ({
	id: form.text('id'),
	evenIfLast: form.flag('evenIfLast'),
	actor,
});

export const waysInActions = {
	unlink: operatorAction(async (call) => unlinkForUser(await call.app(), removalIn(call), call.visitor)),
	removePasskey: operatorAction(async (call) =>
		removePasskeyForUser(await call.app(), removalIn(call), call.visitor),
	),
	undoMerge: operatorAction(async (call) =>
		undoMerge(await call.app(), { id: call.form.text('id'), actor: call.actor }, call.visitor),
	),
};
