/** Loads and actions of a plugin's page: the same for an app and for the appliance. Server side. */
import { Refusal } from '$lib/contract/errors';
import { errorText } from '$lib/i18n/error-text';
import type { Locale } from '$lib/i18n/locale';
import { configurePlugin, moveConnector, testPlugin } from '$lib/server/flows/connectors/configure-plugin';
import { callbackOf } from '$lib/server/flows/external/redirect';
import type { AppServices } from '$lib/server/flows/services';
import { operatorAction, type ConsoleCall } from '$lib/server/edge/console-door';
import type { TypedForm } from '$lib/server/edge/typed-form';
import { groupOf } from './connector-groups';
import { readMarkdown } from './guide/read-markdown';

type Scope = Parameters<typeof configurePlugin>[0];
type ScopeOf = (call: ConsoleCall) => Promise<Scope>;

/** What a card shows of a plugin; the manifest stays on the server. */
export async function listPlugins(plugins: Scope['plugins'], locale: Locale) {
	const all = await plugins.listForOperators(locale);
	return all.map(({ manifest, inherited, position: _, ...plugin }) => ({
		...plugin,
		kinds: manifest.kinds,
		channels: manifest.channels,
		trial: manifest.trial,
		settings: manifest.config.length,
		inherits: inherited.length > 0,
		group: groupOf({ id: plugin.id, manifest, external: plugin.external !== undefined }),
		/** In every language, for the search. */
		names: Object.values(manifest.name).join(' '),
	}));
}
export type PluginCard = Awaited<ReturnType<typeof listPlugins>>[number];

/** The kinds by which a page can begin a sign-in; tickets come from programs. */
const pageKinds = ['secret', 'code', 'redirect', 'scan', 'ceremony'];

/** Those by which people sign in, in the order of the sign-in page. */
export async function listConnectors(plugins: Scope['plugins'], locale: Locale) {
	return (await listPlugins(plugins, locale))
		.filter(({ kinds }) => kinds.some((kind) => kind !== 'sender'))
		.map((card) => ({ ...card, onPages: card.kinds.some((kind) => pageKinds.includes(kind)) }));
}
export type ConnectorCard = Awaited<ReturnType<typeof listConnectors>>[number];

/** @throws Refusal plugin/not-found */
export async function readPluginPage(
	plugins: Scope['plugins'],
	{ id, app }: { id: string; app?: Pick<AppServices, 'id' | 'origin'> },
	locale: Locale,
) {
	const form = await plugins.formOf(id, locale);
	const card = (await listPlugins(plugins, locale)).find((plugin) => plugin.id === id);
	if (!card) throw new Refusal('plugin/not-found');
	// A provider that the person names when signing in needs no registration.
	const registered = card.kinds.includes('redirect') && !plugins.manifestOf(id).asks;
	return {
		form,
		card,
		registered,
		callback: registered && app ? callbackOf(app, id) : undefined,
		guide: readMarkdown(await plugins.guideOf(id, locale)),
	};
}

function idIn({ params }: ConsoleCall): string {
	if (!params['plugin']) throw new Refusal('plugin/not-found');
	return params['plugin'];
}

/** A field that is not shown is not in the form and keeps its value; a checkbox removes a stored secret. */
function valuesIn(form: TypedForm, keys: readonly string[]): Record<string, unknown> {
	const read = (key: string) => (form.flag(`clear.${key}`) ? null : form.given(`config.${key}`));
	return Object.fromEntries(keys.map((key) => [key, read(key)]));
}

export const pluginActions = (scopeOf: ScopeOf) => ({
	save: operatorAction(async (call) => {
		const scope = await scopeOf(call);
		const { fields } = await scope.plugins.formOf(idIn(call), call.locale);
		const values = valuesIn(
			call.form,
			fields.map((field) => field.key),
		);
		await configurePlugin(scope, { id: idIn(call), change: { values }, actor: call.actor }, call.visitor);
	}),
	test: operatorAction(async (call) => {
		const result = await testPlugin(await scopeOf(call), { id: idIn(call), actor: call.actor }, call.visitor);
		const text = result.ok ? '' : errorText(result.code, result.params, call.locale);
		return { test: { ok: result.ok, ms: result.ms, text, detail: result.ok ? '' : result.detail } };
	}),
	toggle: toggleAction(scopeOf),
});

/** Also used by the lists, where the form names the plugin. */
export function toggleAction(scopeOf: ScopeOf) {
	return operatorAction(async (call) => {
		const id = call.params['plugin'] ?? call.form.text('id');
		const change = { enabled: call.form.text('enabled') === 'yes' };
		await configurePlugin(await scopeOf(call), { id, change, actor: call.actor }, call.visitor);
	});
}

export const moveAction = (scopeOf: ScopeOf) =>
	operatorAction(async (call) => {
		const by = call.form.text('by') === 'up' ? 'up' : 'down';
		const order = { id: call.form.text('id'), by, actor: call.actor } as const;
		await moveConnector(await scopeOf(call), order, call.visitor);
	});

export const appScope: ScopeOf = async (call) => {
	const app = await call.app();
	return { plugins: app.plugins, store: app.store, clock: app.clock };
};
export const applianceScope: ScopeOf = async ({ services }) => ({
	plugins: services.plugins.appliance,
	store: services.control,
	clock: services.clock,
});
