/**
 * The edge of every request that SvelteKit serves: which client asks, from where, in which language, and whether it
 * may change anything. Requests for the OpenID Connect engine never get here (server.js).
 */
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { building, dev } from '$app/environment';
import { compose, type Appliance } from '$lib/server/compose';
import { appIdOf } from '$lib/server/edge/app-of-path';
import { clientAddress } from '$lib/server/edge/address';
import { hasOurCookie, localeCookie, readKnownBrowser, rememberLocale } from '$lib/server/edge/cookies';
import { judgeCrossSite } from '$lib/server/edge/cross-site';
import { setSecurityHeaders } from '$lib/server/edge/headers';
import { problemOf, toRefusal } from '$lib/server/edge/outcome';
import { refusalResponse } from '$lib/server/edge/plain-page';
import { isWrongAddress } from '$lib/server/edge/right-address';
import { Refusal } from '$lib/contract/errors';
import { pickLocale } from '$lib/i18n/locale';
import { errorText } from '$lib/i18n/error-text';
import { findCurrentUser } from '$lib/server/flows/account/current-user';
import { findCurrentOperator } from '$lib/server/flows/operators/sign-in-operator';
import { requestContext } from '$lib/server/runtime/log';
import { newId } from '$lib/server/runtime/random';
import { keptSignInPage } from './routes/apps/[app]/(pages)/interaction/[uid]/sign-in-page.server';

/** Vite evaluates this module again after edits; the appliance and its open files must not be made twice. */
const shared = globalThis as typeof globalThis & {
	[key: symbol]: Promise<Appliance> | Appliance | undefined;
};
const slot = Symbol.for('menshen.composed');
const publicSlot = Symbol.for('menshen');

function appliance(): Promise<Appliance> {
	return (shared[slot] ??= compose()) as Promise<Appliance>;
}

/** For the development server, which takes the place of server.js. */
export async function dispatcher(): Promise<Appliance['dispatch']> {
	return (await appliance()).dispatch;
}

export const init: ServerInit = async () => {
	if (building) return;
	// server.js finds the dispatcher, the configuration and the function to close here.
	shared[publicSlot] = await appliance();
};

const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
	let value: Promise<T> | undefined;
	return () => (value ??= read());
};

const signInRoute = '/apps/[app]/(pages)/interaction/[uid]';

const identify: Handle = async ({ event, resolve }) => {
	const { services, interactions, config, trusted } = await appliance();
	const { request, locals, cookies, url } = event;
	const peer = event.getClientAddress();
	const appId = appIdOf(event.params, request.headers);
	const secure = config.ORIGIN.startsWith('https:');
	locals.requestId = newId();
	locals.appliance = services;
	locals.interactions = interactions;
	const asked = url.searchParams.get('ui_locales');
	locals.locale = pickLocale({
		ui_locales: asked,
		choice: cookies.get(localeCookie),
		acceptLanguage: request.headers.get('accept-language'),
	});
	if (asked) rememberLocale(cookies, locals.locale, secure);
	locals.visitor = {
		address: clientAddress(peer, request.headers, trusted),
		device: (request.headers.get('user-agent') ?? '').slice(0, 300),
		locale: locals.locale,
		requestId: locals.requestId,
		knownBrowser: readKnownBrowser(cookies, appId ?? 'operator', secure),
	};
	const cookieHeader = request.headers.get('cookie');
	locals.app = once(async () => {
		if (appId === undefined) throw new Refusal('app/not-found');
		return services.app(appId);
	});
	locals.currentUser = once(async () => findCurrentUser(await locals.app(), cookieHeader));
	locals.currentOperator = once(() => findCurrentOperator(services, cookieHeader));
	return requestContext.run(
		{ requestId: locals.requestId, ...(appId === undefined ? {} : { app: appId }) },
		() => resolve(event),
	);
};

const protect: Handle = async ({ event, resolve }) => {
	const { config, trusted } = await appliance();
	const { request, locals, url } = event;
	const refuse = (thrown: unknown, href: string) => {
		const refusal = toRefusal(thrown, { log: locals.appliance.log, requestId: locals.requestId });
		const link = { href, text: href.startsWith('/') ? 'Menshen' : href };
		return refusalResponse(request, {
			status: refusal.status,
			problem: problemOf(refusal, locals.locale),
			locale: locals.locale,
			link,
		});
	};
	if (isWrongAddress(request, event.getClientAddress(), { origin: config.ORIGIN, trusted }))
		return refuse(
			new Refusal('edge/wrong-address', { params: { origin: config.ORIGIN } }),
			config.ORIGIN + url.pathname + url.search,
		);
	if (judgeCrossSite(request, config.ORIGIN, hasOurCookie(request.headers.get('cookie'))) === 'foreign')
		return refuse(new Refusal('edge/cross-site'), '/');
	// An unknown app is answered before any page of it is loaded.
	if (event.params.app === undefined || !event.route.id?.startsWith('/apps/')) return resolve(event);
	const missing = await locals.app().then(
		() => undefined,
		(thrown: unknown) => refuse(thrown, '/'),
	);
	return missing ?? resolve(event);
};

const render: Handle = async ({ event, resolve }) => {
	const { config } = await appliance();
	const response = await resolve(event, {
		transformPageChunk: ({ html }) =>
			html.replace(
				'lang="%menshen.lang%"',
				`lang="${event.locals.locale}"${event.locals.theme ? ` data-theme="${event.locals.theme}"` : ''}`,
			),
	});
	setSecurityHeaders(response.headers, config.ORIGIN.startsWith('https:'));
	if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
	response.headers.set('menshen-request', event.locals.requestId);
	return response;
};

/** A page that is the same for many visitors is rendered once. Addresses with a query are not cached. */
const reuse: Handle = async ({ event, resolve }) => {
	const { route, request, url } = event;
	if (dev || route.id !== signInRoute || request.method !== 'GET' || url.search) return resolve(event);
	return keptSignInPage(event, async () => resolve(event));
};

export const handle: Handle = sequence(identify, render, protect, reuse);

export const handleError: HandleServerError = async ({ error: thrown, event, status }) => {
	const locale = event.locals.locale ?? 'en';
	if (status === 404) return { message: errorText('edge/not-found', {}, locale), code: 'edge/not-found' };
	// What SvelteKit itself refuses (a method, a content type, a broken path) is the caller's mistake, not a bug to
	// log.
	if (status < 500) {
		const code = status === 413 ? 'input/too-large' : 'input/invalid';
		return { message: errorText(code, {}, locale), code };
	}
	const { services } = await appliance();
	const refusal = toRefusal(thrown, { log: services.log, requestId: event.locals.requestId });
	return {
		message: problemOf(refusal, locale).message,
		code: refusal.code,
		requestId: event.locals.requestId,
	};
};

if (import.meta.hot && dev) import.meta.hot.accept();
