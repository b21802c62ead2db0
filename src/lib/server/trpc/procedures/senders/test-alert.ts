import { z } from 'zod';
import { sendTestAlert } from '../../../flows/alerts/send-test-alert';
import { ownerProcedure } from '../../guards';

/** Sends a test to the saved alert address, at once, and returns the result. For owners. */
export const testAlert = ownerProcedure
	.output(z.object({ sent: z.boolean(), to: z.string(), sender: z.string(), detail: z.string() }))
	.mutation(({ ctx }) => sendTestAlert(ctx.appliance, ctx.actor, ctx.visitor()));
