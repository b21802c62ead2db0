/** A client brings a ticket that a vendor gave it: a mini program's code, a native SDK's, an in-app one. */
import type { Refusal } from '../../../contract/errors';
import { limits, sourceOf } from '../../limits/rules';
import type { AppServices, Visitor } from '../services';
import type { Arrived } from './enter-external';

export interface TicketInput {
	connector: string;
	ticket: string;
	/** What else the client sent: hints for the connector, never who somebody is. */
	params?: Readonly<Record<string, string>>;
}

const isRefusedTicket = (refusal: Refusal) => refusal.code === 'auth/code-invalid';

/** Asks the vendor. @throws Refusal plugin/*, auth/code-invalid, auth/too-many-attempts */
export async function redeemTicket(
	services: AppServices,
	{ connector, ticket, params = {} }: TicketInput,
	visitor: Visitor,
): Promise<Arrived> {
	const external = await services.limiter.guard(
		{ on: [[limits.codeAddress, sourceOf(visitor.address)]], by: visitor },
		() => services.plugins.ticket(connector, visitor.locale).redeem({ ticket, params }),
		isRefusedTicket,
	);
	return { connector, external };
}
