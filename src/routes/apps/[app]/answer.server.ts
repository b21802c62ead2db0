/** Between SvelteKit and the flows: forms in, problems out. Every action and load of an app's pages goes through here. */
import { error, fail, isHttpError, isRedirect, type ActionFailure, type RequestEvent } from '@sveltejs/kit';
import type { Refusal } from '$lib/contract/errors';
import type { FormField } from '$lib/forms/form-fields';
import { keptOf, readForm, type Typed } from '$lib/forms/read-form';
import { toRefusal, type FormValues, type Problem } from '$lib/server/edge/outcome';
import { pageProblem } from './problem.server';

export interface Answer {
	problem: Problem;
	/** What was typed, to be shown again; no secrets. */
	values: FormValues;
}

const refusalOf = (event: RequestEvent, thrown: unknown): Refusal =>
	toRefusal(thrown, { log: event.locals.appliance.log, requestId: event.locals.requestId });

/** An expired interaction has no form to show again. */
const endsThePage = (refusal: Refusal): boolean => refusal.code.startsWith('interaction/');

function stop(event: RequestEvent, refusal: Refusal): never {
	const { locale, requestId } = event.locals;
	const shown = refusal.status >= 500 ? { requestId } : {};
	error(refusal.status, { message: pageProblem(refusal, locale).message, code: refusal.code, ...shown });
}

/** For loads: a refusal becomes the error page. */
export async function guarded<T>(event: RequestEvent, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (thrown) {
		if (isRedirect(thrown) || isHttpError(thrown)) throw thrown;
		return stop(event, refusalOf(event, thrown));
	}
}

/** For actions: reads the named fields, does the work, and shows the form again with what was wrong. */
export async function submitted<const Name extends FormField, T>(
	event: RequestEvent,
	names: readonly Name[],
	work: (typed: Typed<Name>) => Promise<T>,
): Promise<T | ActionFailure<Answer>> {
	let values: FormValues = {};
	try {
		const typed = await readForm(event.request, names);
		values = keptOf(typed);
		return await work(typed);
	} catch (thrown) {
		if (isRedirect(thrown) || isHttpError(thrown)) throw thrown;
		const refusal = refusalOf(event, thrown);
		if (endsThePage(refusal)) stop(event, refusal);
		const seconds = refusal.params['seconds'];
		if (refusal.code === 'auth/too-many-attempts' && seconds !== undefined)
			event.setHeaders({ 'retry-after': String(seconds) });
		return fail(refusal.status, { problem: pageProblem(refusal, event.locals.locale), values });
	}
}
