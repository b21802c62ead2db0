import { z } from 'zod';
import { listMessages as list } from '../../../flows/messages/read-messages';
import { appOperatorProcedure } from '../../guards';
import { messageView } from '../../views/message';
import { pageShape } from '../../views/page';

/** The app's messages, the newest first. `before`: `createdAt` of the last one seen. `troubled`: those that failed. */
export const listMessages = appOperatorProcedure
	.input(z.strictObject({ ...pageShape, troubled: z.boolean().optional() }))
	.output(z.array(messageView))
	.query(({ ctx, input }) => list(ctx.app, input));
