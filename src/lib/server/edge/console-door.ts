/**
 * The access check of the operator console. Every load, action and endpoint under routes/admin goes through one of
 * these three, so that none can forget the check (routes/admin/doors.test.ts calls each without a session).
 */
import { error, json, type Cookies, type RequestEvent, type ServerLoadEvent } from '@sveltejs/kit';
import { Refusal } from '../../contract/errors';
import type { Locale } from '../../i18n/locale';
import type { ApplianceServices, AppServices, Visitor } from '../flows/services';
import { actorOf, requireOperator, type CurrentOperator } from './operator';
import { answerForm, problemOf, toRefusal } from './outcome';
import { TypedForm } from './typed-form';

/** What a permitted caller gets. */
export interface ConsoleCall extends CurrentOperator {
	actor: ReturnType<typeof actorOf>;
	services: ApplianceServices;
	/** Finds the app in the path. @throws Refusal app/not-found */
	app(): Promise<AppServices>;
	visitor: Visitor;
	locale: Locale;
	url: URL;
	params: Partial<Record<string, string>>;
	cookies: Cookies;
}

const callOf = (event: RequestEvent, current: CurrentOperator): ConsoleCall => ({
	...current,
	actor: actorOf(current.operator),
	services: event.locals.appliance,
	app: () => event.locals.app(),
	visitor: event.locals.visitor,
	locale: event.locals.locale,
	url: event.url,
	params: event.params,
	cookies: event.cookies,
});

const refusalOf = (thrown: unknown, { appliance, requestId }: App.Locals) =>
	toRefusal(thrown, { log: appliance.log, requestId });

/** Refusals that flows throw become an error page with their status; bugs are rethrown. */
async function answerPage<T>(locals: App.Locals, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (thrown) {
		if (!(thrown instanceof Refusal)) throw thrown;
		const refusal = refusalOf(thrown, locals);
		error(refusal.status, {
			message: problemOf(refusal, locals.locale).message,
			code: refusal.code,
			requestId: locals.requestId,
		});
	}
}

/** For `load`: without a session, to the sign-in page and back afterwards. */
export function operatorLoad<T>(work: (call: ConsoleCall) => Promise<T>) {
	return async (event: ServerLoadEvent): Promise<T> => {
		const current = await requireOperator(event);
		return answerPage(event.locals, () => work(callOf(event, current)));
	};
}

/**
 * For form actions: without a session, a refusal that leaves what was typed on the page.
 * A refusal is `fail(status, { problem, values })` as everywhere (edge/outcome).
 */
export function operatorAction<T>(work: (call: ConsoleCall & { form: TypedForm }) => Promise<T>) {
	return async (event: RequestEvent) =>
		answerForm(event.locals, {}, async () => {
			const current = await event.locals.currentOperator();
			if (!current) throw new Refusal('auth/not-signed-in');
			return work({ ...callOf(event, current), form: await TypedForm.read(event.request) });
		});
}

/** For what the console's own scripts fetch. */
export function operatorEndpoint(work: (call: ConsoleCall & { request: Request }) => Promise<Response>) {
	return async (event: RequestEvent): Promise<Response> => {
		try {
			const current = await event.locals.currentOperator();
			if (!current) throw new Refusal('auth/not-signed-in');
			return await work({ ...callOf(event, current), request: event.request });
		} catch (thrown) {
			const refusal = refusalOf(thrown, event.locals);
			return json(problemOf(refusal, event.locals.locale), { status: refusal.status });
		}
	};
}
