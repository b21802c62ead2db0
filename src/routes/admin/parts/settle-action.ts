/** What the console does with the answer of a form action: show a toast, go on, or pass the problem to the form. */
import { applyAction, deserialize } from '$app/forms';
import { goto, invalidateAll } from '$app/navigation';
import type { ActionResult } from '@sveltejs/kit';
import type { Problem } from '$lib/server/edge/outcome';
import { toast } from '$lib/ui/console/toasts.svelte';

export type Answer = Record<string, unknown>;

const isProblem = (value: unknown): value is Problem =>
	typeof value === 'object' && value !== null && 'message' in value && 'fields' in value;

/** The refusal in an answer, if it is one. */
export function problemIn(result: ActionResult): Problem | undefined {
	const problem: unknown = result.type === 'failure' ? result.data?.['problem'] : undefined;
	return isProblem(problem) ? problem : undefined;
}

/**
 * After anything but a refusal: the new page or the new data, and only then the toast, so that its reader may go
 * on.
 * @param redraw what else has to be drawn again before the toast
 */
export async function moveOn(
	result: ActionResult,
	saved: string | undefined,
	redraw?: () => Promise<void>,
): Promise<void> {
	if (result.type === 'redirect') await goto(result.location, { invalidateAll: true });
	else if (result.type === 'success') await invalidateAll();
	else return applyAction(result);
	if (result.type === 'success') await redraw?.();
	if (saved) toast.success(saved);
}

interface Deed {
	/** e.g. `?/delete` */
	action: string;
	fields?: Readonly<Record<string, string>>;
	/** Shown when it is done. */
	saved?: string | undefined;
}

/**
 * Posts to a form action without a form on the page. A refusal is shown in a toast. @returns what the action
 * returned
 */
export async function doAction({ action, fields = {}, saved }: Deed): Promise<Answer | undefined> {
	const response = await window.fetch(action, {
		method: 'POST',
		headers: { accept: 'application/json', 'x-sveltekit-action': 'true' },
		body: new URLSearchParams({ ...fields }),
	});
	const result = deserialize(await response.text());
	const problem = problemIn(result);
	if (problem) {
		toast.error(problem.message);
		return undefined;
	}
	await moveOn(result, saved);
	return result.type === 'success' ? (result.data ?? {}) : undefined;
}
