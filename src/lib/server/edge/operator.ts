/** The operator of a console request, and the actor that flows record. */
import { redirect } from '@sveltejs/kit';
import type { Actor } from '../flows/services';
import type { OperatorView } from '../flows/operators/operators';

export interface CurrentOperator {
	operator: OperatorView;
	sessionId: string;
}

export function actorOf(operator: Pick<OperatorView, 'id' | 'role'>): Actor & { kind: 'operator' } {
	return { kind: 'operator', id: operator.id, role: operator.role };
}

/** For loads and actions of the console: without a session, to its sign-in page and back afterwards. */
export async function requireOperator(event: { locals: App.Locals; url: URL }): Promise<CurrentOperator> {
	const current = await event.locals.currentOperator();
	if (current) return current;
	redirect(303, `/admin/sign-in?next=${encodeURIComponent(event.url.pathname + event.url.search)}`);
}
