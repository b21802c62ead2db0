import { z } from 'zod';
import type { Entered } from '../../flows/external/enter-external';
import type { AppServices } from '../../flows/services';
import type { TrpcContext } from '../context';
import { joinedAs, joinedView } from './joined';

/** A stranger may join (`auth.joinExternal`) or link an account they have (sign in, then `me.identities.linkPending`). */
const askView = z.object({
	status: z.literal('ask'),
	/** Whether the person may become a user; false: registration is closed. */
	join: z.boolean(),
	pending: z.string(),
	connector: z.string(),
	/** The person's name at the vendor. */
	name: z.string(),
});
export const enteredView = z.discriminatedUnion('status', [...joinedView.options, askView]);

export async function enteredAs(
	ctx: TrpcContext,
	app: AppServices,
	entered: Entered,
): Promise<z.output<typeof enteredView>> {
	return entered.status === 'ask' ? entered : joinedAs(ctx, app, entered);
}
