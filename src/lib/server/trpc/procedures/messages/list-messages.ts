import { z } from 'zod';
import { listMessages as list } from '../../../flows/messages/read-messages';
import { appOperatorProcedure } from '../../guards';
import { messageView } from '../../views/message';
import { pageShape } from '../../views/page';

/** The app's messages, the newest first. `before`: `createdAt` of the last one seen. */
export const listMessages = appOperatorProcedure
	.input(z.strictObject(pageShape))
	.output(z.array(messageView))
	.query(({ ctx, input }) => list(ctx.app, input));
