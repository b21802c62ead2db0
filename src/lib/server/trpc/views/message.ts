import { z } from 'zod';
import { templatePurposes } from '../../../contract/message-templates';

export const channelInput = z.enum(['email', 'sms']);
export const purposeInput = z.enum(templatePurposes);

/** A message as listed: neither recipient nor content. Times in ms. */
export const messageView = z.object({
	id: z.string(),
	channel: z.enum(['email', 'sms']),
	sender: z.string(),
	purpose: z.string(),
	status: z.string(),
	attempts: z.number(),
	nextAt: z.number().nullable(),
	error: z.string().nullable(),
	createdAt: z.number(),
	expiresAt: z.number(),
	finishedAt: z.number().nullable(),
	/** Whether the outbox still holds its content. */
	readable: z.boolean(),
});

export const openedMessageView = messageView.extend({
	to: z.string(),
	content: z.object({
		subject: z.string(),
		text: z.string(),
		params: z.record(z.string(), z.string()),
		locale: z.enum(['en', 'zh-CN']),
	}),
});
