import { z } from 'zod';
import { templateSchema } from '../../../../contract/message-templates';
import { saveWords as save } from '../../../flows/messages/edit-words';
import { appOperatorProcedure } from '../../guards';
import { channelInput, purposeInput } from '../../views/message';

const template = z.strictObject(templateSchema.shape);

/** The app's own text for one message. A language that is left out uses the built-in one. */
export const saveWords = appOperatorProcedure
	.input(
		z.strictObject({
			channel: channelInput,
			purpose: purposeInput,
			words: z.strictObject({ en: template.optional(), 'zh-CN': template.optional() }),
		}),
	)
	.output(z.void())
	.mutation(({ ctx, input: { channel, purpose, words } }) =>
		save(
			ctx.app,
			{ channel, purpose, words: { en: words.en, 'zh-CN': words['zh-CN'] }, actor: ctx.actor },
			ctx.visitor(),
		),
	);
