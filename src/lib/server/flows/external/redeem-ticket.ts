/** A client brings a ticket that a vendor gave it: a mini program's code, a native SDK's, an in-app one. */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import { limits, sourceOf } from '../../limits/rules';
import type { AppServices, Visitor } from '../services';
import { keepNote } from '../verify/sealed-note';
import type { Arrived } from './enter-external';
import { guestConnector } from './guests';
import { noteRefused } from './note-refused';

export interface TicketInput {
	connector: string;
	ticket: string;
	/** What else the client sent: hints for the connector, never who somebody is. */
	params?: Readonly<Record<string, string>>;
}

const isRefusedTicket = (refusal: Refusal) => refusal.code === 'auth/not-accepted';

/** Asks the vendor. @throws Refusal plugin/*, auth/not-accepted, auth/too-many-attempts */
export async function redeemTicket(
	services: AppServices,
	{ connector, ticket, params = {} }: TicketInput,
	visitor: Visitor,
): Promise<Arrived> {
	return services.limiter.guard(
		{ on: [[limits.codeAddress, sourceOf(visitor.address)]], by: visitor },
		async () => {
			try {
				const external = await services.plugins.ticket(connector, visitor.locale).redeem({ ticket, params });
				await useUp(services, { connector, ticket });
				return { connector, external };
			} catch (error) {
				if (error instanceof Refusal) await noteRefused(services, { connector, refusal: error }, visitor);
				throw error;
			}
		},
		isRefusedTicket,
	);
}

/** Longer than any vendor's ticket is good for. */
const remembered = 30 * minute;

/** Some tickets are signed statements that a vendor would confirm again and again: here each works once. */
async function useUp(
	services: AppServices,
	{ connector, ticket }: Pick<TicketInput, 'connector' | 'ticket'>,
): Promise<void> {
	// A guest's is a fingerprint, the same each time.
	if (connector === guestConnector) return;
	const token = `${connector}\0${ticket}`;
	await services.store.write(async (tx) => {
		if (await tx.verifications.findByLink(digest(token), 'ticket'))
			throw new Refusal('auth/not-accepted', { detail: `${connector}: the ticket was used before` });
		await keepNote(services, tx, { purpose: 'ticket', data: null, life: remembered, token });
	});
}
