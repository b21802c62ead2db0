/** A client brings a ticket that a vendor gave it: a mini program's code, a native SDK's, an in-app one. */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import { limits, sourceOf } from '../../limits/rules';
import type { AppServices, Visitor } from '../services';
import type { Arrived } from './enter-external';
import { guestConnector } from './guests';
import { noteRefused } from './note-refused';
import { takeOnce } from './take-once';
import { readTicket, type Ticket } from './ticket-text';

export interface TicketInput {
	connector: string;
	ticket: string;
	/** What else the client sent: hints for the connector, never the person's identity. */
	params?: Readonly<Record<string, string>>;
}

const isRefusedTicket = (refusal: Refusal) => refusal.code === 'auth/not-accepted';

/** Asks the vendor. @throws Refusal plugin/*, auth/not-accepted, auth/too-many-attempts */
export async function redeemTicket(
	services: AppServices,
	{ connector, ticket: sent, params = {} }: TicketInput,
	visitor: Visitor,
): Promise<Arrived> {
	return services.limiter.guard(
		{ on: [[limits.codeAddress, sourceOf(visitor.address)]], by: visitor },
		async () => {
			try {
				const ticket = readTicket(sent);
				const redeemer = services.plugins.ticket(connector, visitor.locale);
				const external = await redeemer.redeem({ ticket: ticket.text, params });
				await useUp(services, connector, ticket);
				return { connector, external };
			} catch (error) {
				if (error instanceof Refusal) await noteRefused(services, { connector, refusal: error }, visitor);
				throw error;
			}
		},
		isRefusedTicket,
	);
}

/** Longer than any vendor's ticket is valid. */
const remembered = 30 * minute;

/**
 * Here each ticket works once. A signed statement works once on the whole appliance: apps that inherit a vendor's
 * settings from the appliance, or have the same ones, would each accept it. A code works once in the app that its
 * vendor issued it to.
 */
async function useUp(services: AppServices, connector: string, { key, signed }: Ticket): Promise<void> {
	// A guest's ticket is a fingerprint, the same each time.
	if (connector === guestConnector) return;
	const now = services.clock.now();
	const once = { id: `ticket-${digest(`${connector}\0${key}`)}`, now, until: now + remembered };
	const isFirst = signed ? await services.takeOnAppliance(once) : await takeOnce(services.store, once);
	if (!isFirst)
		throw new Refusal('auth/not-accepted', { detail: `${connector}: the ticket was used before` });
}
