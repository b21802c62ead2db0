import { z } from 'zod';
import { sendTestMessage } from '../../../flows/messages/send-test';
import { appOperatorProcedure } from '../../guards';
import { channelInput, purposeInput } from '../../views/message';

/** Sends a message with made-up values to the address that is given. */
export const testMessage = appOperatorProcedure
	.input(
		z.strictObject({
			channel: channelInput,
			purpose: purposeInput,
			to: z.string().min(1).max(254),
			locale: z.enum(['en', 'zh-CN']).optional(),
		}),
	)
	.output(z.object({ id: z.string() }))
	.mutation(async ({ ctx, input: { locale, ...order } }) => {
		const visitor = ctx.visitor();
		const test = { ...order, locale: locale ?? visitor.locale, actor: ctx.actor };
		return { id: await sendTestMessage(ctx.app, test, visitor) };
	});
