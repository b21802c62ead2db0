import { z } from 'zod';
import { readMessage as read } from '../../../flows/messages/read-messages';
import { ownerProcedure } from '../../guards';
import { openedMessageView } from '../../views/message';
import { idInput } from '../../views/page';

/** Opens a message that the outbox holds. The audit log records who did. */
export const readMessage = ownerProcedure
	.input(z.strictObject({ id: idInput }))
	.output(openedMessageView)
	.mutation(async ({ ctx, input }) =>
		read(await ctx.findApp(), { id: input.id, actor: ctx.actor }, ctx.visitor()),
	);
